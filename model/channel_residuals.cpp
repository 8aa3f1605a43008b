#include "model/channel_residuals.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "model/batch.hpp"
#include "model/plain_oracle.hpp"
#include "model/transformer.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t sample_sequences = 4;
constexpr std::size_t sample_tokens = 128;  ///< of each

/// Σ x² of every input channel, by block and group.
using Energies = std::vector<std::array<std::vector<double>, linear_group_count>>;

/// Passes products on and adds up what goes in.
class EnergyOracle final : public LinearOracle {
 public:
  EnergyOracle(LinearOracle& inner, Energies& energies) : inner_{inner}, energies_{energies} {}
  Result<Matrix> forward(LinearSite site, ConstMatrixView x) override {
    auto& sums = energies_.at(site.block).at(static_cast<std::size_t>(site.group));
    sums.resize(x.rows());
    for (std::size_t r = 0; r < x.rows(); ++r) {
      for (const float value : x.row(r)) sums[r] += static_cast<double>(value) * double{value};
    }
    return inner_.forward(site, x);
  }
  Result<Matrix> backward(LinearSite site, ConstMatrixView dy) override {
    return inner_.backward(site, dy);
  }

 private:
  LinearOracle& inner_;
  Energies& energies_;
};

Batch sample_batch(const ModelConfig& config) {
  SeededSequence random{1, "tokens that show a model's large channels"};
  Batch batch;
  for (std::size_t s = 0; s < sample_sequences; ++s) {
    std::vector<std::uint32_t> tokens(std::min(sample_tokens, config->max_context));
    for (auto& token : tokens) token = static_cast<std::uint32_t>(random.below(config->vocab));
    append_sequence(batch, tokens, 0.0F);
  }
  return batch;
}

Result<Energies> measure_energies(const Model& model, std::size_t threads) {
  Energies energies(model.config->blocks);
  PlainFp32Oracle plain{model.base, threads};
  EnergyOracle oracle{plain, energies};
  const Transformer transformer{model.config, model.client, oracle, {.threads = threads}};
  HIPPOCRYPT_TRY_VOID(
      transformer.hidden(sample_batch(model.config), nullptr, model.config->blocks));
  return energies;
}

/// W − Ŵ of one entry.
float residual_of(const Matrix& weights, const QuantizedMatrix& rounded, std::size_t r,
                  std::size_t c) {
  const auto level = static_cast<float>(rounded.values[r * rounded.cols + c]);
  return weights(r, c) - level * rounded.row_scale[r];
}

/// The `count` channels with the largest cost, ascending; of equal ones the first.
std::vector<std::uint32_t> costliest(std::span<const double> costs, std::size_t count) {
  std::vector<std::uint32_t> order(costs.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return costs[a] != costs[b] ? costs[a] > costs[b] : a < b;
  });
  order.erase(end, order.end());
  std::sort(order.begin(), order.end());
  return order;
}

Result<ChannelResidual> residual_of_matrix(const Matrix& weights, std::span<const double> energy,
                                           std::size_t channels) {
  HIPPOCRYPT_TRY(const QuantizedMatrix rounded, quantize_rows(weights));
  std::vector<double> costs(weights.cols());
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    for (std::size_t c = 0; c < weights.cols(); ++c) {
      const double error{residual_of(weights, rounded, r, c)};
      costs[c] += error * error;
    }
  }
  for (std::size_t c = 0; c < costs.size(); ++c) costs[c] *= energy[c];
  ChannelResidual out;
  out.channels = costliest(costs, std::min(channels, costs.size() / least_inputs_a_channel));
  out.values = Matrix{weights.rows(), out.channels.size()};
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    for (std::size_t k = 0; k < out.channels.size(); ++k) {
      out.values(r, k) = residual_of(weights, rounded, r, out.channels[k]);
    }
  }
  return out;
}

}  // namespace

Result<ChannelResiduals> find_channel_residuals(const Model& model, std::size_t channels,
                                                std::size_t threads) {
  HIPPOCRYPT_TRY(const Energies energies, measure_energies(model, threads));
  const std::size_t blocks = model.config->blocks;
  ChannelResiduals out(blocks);
  std::vector<std::optional<Error>> errors(blocks);
  run_pieces(blocks, threads, [&](std::size_t block, std::size_t) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      auto made = residual_of_matrix(model.base.blocks[block][g], energies[block][g], channels);
      if (made) {
        out[block][g] = std::move(made).value();
      } else {
        errors[block] = made.error();
      }
    }
  });
  for (auto& error : errors) {
    if (error) return std::move(*error);
  }
  return out;
}

}  // namespace hippocrypt::model
