#include "model/smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "model/numeric.hpp"
#include "model/quantization_error.hpp"

namespace hippocrypt::model {
namespace {

/// Where `group` is in smoothed_groups, or their number.
std::size_t smoothed_index(LinearGroup group) {
  const auto found = std::find(smoothed_groups.begin(), smoothed_groups.end(), group);
  return static_cast<std::size_t>(found - smoothed_groups.begin());
}

std::vector<float>& gains_before(ClientWeights& client, std::size_t block, LinearGroup group) {
  return group == LinearGroup::qkv ? client.attention_norm.at(block) : client.ffn_norm.at(block);
}

void scale_columns(Matrix& weights, std::span<const float> scales) {
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    const auto row = weights.row(r);
    for (std::size_t c = 0; c < row.size(); ++c) row[c] /= scales[c];
  }
}

}  // namespace

ChannelMagnitudes::ChannelMagnitudes(const ModelConfig& config) : blocks_(config->blocks) {
  for (auto& block : blocks_) {
    for (Sums& sums : block) sums.squares.resize(config->hidden);
  }
}

void ChannelMagnitudes::add(LinearSite site, ConstMatrixView x) {
  const std::size_t index = smoothed_index(site.group);
  if (index == smoothed_groups.size()) return;
  Sums& sums = blocks_.at(site.block)[index];
  HIPPOCRYPT_CHECK(sums.squares.size() == x.rows());
  for (std::size_t c = 0; c < x.rows(); ++c) {
    for (const float value : x.row(c)) {
      sums.squares[c] += static_cast<double>(value) * static_cast<double>(value);
    }
  }
  sums.columns += x.cols();
}

std::vector<float> ChannelMagnitudes::root_mean_square(std::size_t block, LinearGroup group) const {
  const Sums& sums = blocks_.at(block).at(smoothed_index(group));
  std::vector<float> out(sums.squares.size());
  if (sums.columns == 0) return out;
  const auto columns = static_cast<double>(sums.columns);
  std::transform(sums.squares.begin(), sums.squares.end(), out.begin(), [columns](double square) {
    return static_cast<float>(std::sqrt(square / columns));
  });
  return out;
}

Result<Matrix> MeasuringOracle::forward(LinearSite site, ConstMatrixView x) {
  magnitudes_.add(site, x);
  return inner_.forward(site, x);
}

Result<Matrix> MeasuringOracle::backward(LinearSite site, ConstMatrixView dy) {
  return inner_.backward(site, dy);
}

std::vector<float> smoothing_scales(std::span<const float> column_maxima,
                                    std::span<const float> magnitudes, double strength) {
  HIPPOCRYPT_CHECK(magnitudes.empty() || magnitudes.size() == column_maxima.size());
  const auto log_ratio = [&](std::size_t c) {
    const double weight = std::log2(static_cast<double>(column_maxima[c]));
    return magnitudes.empty() ? weight : weight - std::log2(static_cast<double>(magnitudes[c]));
  };
  // log2 of a zero is -infinity: such channels are left alone.
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t c = 0; c < column_maxima.size(); ++c) {
    if (!std::isfinite(log_ratio(c))) continue;
    sum += log_ratio(c);
    ++count;
  }
  std::vector<float> scales(column_maxima.size(), 1.0F);
  for (std::size_t c = 0; c < scales.size(); ++c) {
    const double ratio = log_ratio(c);
    if (!std::isfinite(ratio)) continue;
    const double exponent = strength * (ratio - sum / static_cast<double>(count));
    scales[c] = static_cast<float>(std::exp2(std::nearbyint(exponent)));
  }
  return scales;
}

Status smooth_model(Model& model, double strength, const ChannelMagnitudes* magnitudes) {
  if (!(strength >= 0.0 && strength <= 1.0)) {
    return Error{Errc::out_of_range, "the strength of smoothing must be between 0 and 1"};
  }
  for (std::size_t block = 0; block < model.config->blocks; ++block) {
    for (const LinearGroup group : smoothed_groups) {
      Matrix& weights = model.base.at({static_cast<std::uint32_t>(block), group});
      const auto magnitude =
          magnitudes == nullptr ? std::vector<float>{} : magnitudes->root_mean_square(block, group);
      const auto scales = smoothing_scales(column_maxima(weights.view()), magnitude, strength);
      scale_columns(weights, scales);
      auto& gains = gains_before(model.client, block, group);
      for (std::size_t c = 0; c < gains.size(); ++c) gains[c] *= scales[c];
      const ConstMatrixView gain_view{gains.data(), 1, gains.size()};
      if (!all_finite(weights.view()) || !all_finite(gain_view)) {
        return Error{Errc::not_finite, std::string{to_string(group)} + " of block " +
                                           std::to_string(block) +
                                           " leaves the range of floats when it is smoothed"};
      }
    }
  }
  return {};
}

}  // namespace hippocrypt::model
