#include "cli/commands/forward_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/file.hpp"
#include "federation/client/forward_inputs.hpp"
#include "model/files/safetensors.hpp"
#include "privacy/accounting/analytic_gaussian.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::size_t most_file_bytes = std::size_t{256} << 20;
constexpr std::size_t most_file_tensors = 4096;
constexpr const char* claim =
    "each sequence's released matrix is (epsilon, delta)-locally differentially private for any "
    "pair of sequences; nothing is claimed by patient, or of models trained on it";

std::size_t sequences_in_a_file(const privacy::MatrixGaussianParams& params) {
  const std::size_t bytes = params.features * params.tokens * sizeof(float);
  return std::clamp(most_file_bytes / bytes, std::size_t{1}, most_file_tensors);
}

/// (tokens, features), as other software expects it.
std::vector<float> transposed(const Matrix& matrix) {
  std::vector<float> out;
  out.reserve(matrix.size());
  for (std::size_t t = 0; t < matrix.cols(); ++t) {
    for (std::size_t r = 0; r < matrix.rows(); ++r) out.push_back(matrix(r, t));
  }
  return out;
}

/// Epsilon of this release alone.
double own_epsilon(const ReleaseTarget& target, const privacy::EmbeddingRelease& release) {
  const auto epsilon = privacy::gaussian_epsilon(release.params().noise_multiplier, target.delta);
  return epsilon.has_value() ? *epsilon : std::numeric_limits<double>::infinity();
}

}  // namespace

Result<std::vector<std::string>> write_release(
    const ReleaseTarget& target, const privacy::EmbeddingRelease& release,
    const std::vector<federation::TokenSequence>& sequences, const Matrix& embedding) {
  const auto& params = release.params();
  const std::size_t each = sequences_in_a_file(params);
  const std::size_t files = (sequences.size() + each - 1) / each;
  std::vector<std::string> names;
  for (std::size_t f = 0; f < files; ++f) {
    const std::size_t begin = f * each;
    const std::size_t end = std::min(begin + each, sequences.size());
    std::vector<std::vector<float>> values;
    std::vector<model::NamedTensor> tensors;
    for (std::size_t s = begin; s < end; ++s) {
      const Matrix clean = federation::embedding_columns(embedding, sequences[s].tokens);
      values.push_back(transposed(release.matrix(sequences[s].identity, clean.view())));
      tensors.push_back({fmt::format("sequence_{:06}", s), {params.tokens, params.features}, {}});
    }
    for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].values = values[i];
    names.push_back(fmt::format("embeddings-{:05}-of-{:05}.safetensors", f + 1, files));
    HIPPOCRYPT_TRY_VOID(model::write_safetensors(target.folder / names.back(), std::move(tensors)));
  }
  return names;
}

nlohmann::ordered_json release_json(const ReleaseTarget& target,
                                    const privacy::EmbeddingRelease& release,
                                    const std::vector<std::string>& files) {
  const auto& params = release.params();
  return {{"version", 1},
          {"mechanism", "matrix_gaussian"},
          {"claim", claim},
          {"unit", "sequence"},
          {"relation", "any_pair"},
          {"epsilon_of_this_release", own_epsilon(target, release)},
          {"epsilon", release.epsilon()},
          {"delta", target.delta},
          {"budget", target.budget},
          {"sequences", release.sequences()},
          {"tokens", params.tokens},
          {"features", params.features},
          {"clip", params.clip},
          {"sensitivity", params.sensitivity()},
          {"noise_multiplier", params.noise_multiplier},
          {"standard_deviation", params.standard_deviation()},
          {"signal_norm_at_most", params.clip},
          {"noise_norm", params.noise_norm()},
          {"signal_to_noise", params.signal_to_noise()},
          {"release", to_hex(release.id())},
          {"ledger_row", release.ledger_row()},
          {"charged_now", release.charged_now()},
          {"files", files}};
}

Status write_release_metadata(const ReleaseTarget& target, const nlohmann::ordered_json& document) {
  const std::string text = document.dump(2) + "\n";
  return write_file_atomically(target.folder / "metadata.json", as_bytes(text));
}

std::string noise_sentence(const privacy::MatrixGaussianParams& params) {
  return fmt::format(
      "a sequence's signal has norm {:g} at most, its noise about {:.4g} ({} x {} values): a ratio "
      "of {:.2g}",
      params.clip, params.noise_norm(), params.tokens, params.features, params.signal_to_noise());
}

std::string release_text(const ReleaseTarget& target, const privacy::EmbeddingRelease& release,
                         const std::vector<std::string>& files) {
  const std::string budget =
      std::isfinite(target.budget) ? fmt::format("{:g}", target.budget) : std::string{"unlimited"};
  const std::string charged =
      release.charged_now()
          ? fmt::format("charged in row {} of the ledger", release.ledger_row())
          : fmt::format("paid for before, in row {} of the ledger", release.ledger_row());
  return fmt::format(
      "{} sequences in {} ({} {})\n"
      "epsilon {:.4f} at delta {:g} for any pair of sequences by this release, {:.4f} with all on\n"
      "record for these notes; budget {}; {}\n"
      "{}\n"
      "This is by sequence (note), not by patient, and says nothing of models trained on it.\n",
      release.sequences(), target.folder.string(), files.size(),
      files.size() == 1 ? "file" : "files", own_epsilon(target, release), target.delta,
      release.epsilon(), budget, charged, noise_sentence(release.params()));
}

}  // namespace hippocrypt::cli
