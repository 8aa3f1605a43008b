#include "federation/client/forward_inputs.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "privacy/accounting/analytic_gaussian.hpp"

namespace hippocrypt::federation {

Result<privacy::MatrixGaussianParams> forward_params(const FederationConfig& config,
                                                     std::size_t features) {
  const DpForwardConfig& forward = *config.dp_forward;
  privacy::MatrixGaussianParams params;
  params.clip = forward.clip;
  params.features = features;
  params.tokens = forward.tokens > 0 ? forward.tokens : config.training.max_note_tokens;
  params.noise_multiplier = forward.noise_multiplier;
  if (!(forward.noise_multiplier > 0)) {
    HIPPOCRYPT_TRY(params.noise_multiplier,
                   privacy::gaussian_noise_multiplier({forward.epsilon, forward.delta}));
  }
  HIPPOCRYPT_TRY_VOID(params.check());
  return params;
}

Result<std::optional<ForwardRecord>> forward_record(const FederationConfig& config,
                                                    std::size_t features) {
  if (!config.dp_forward) return std::optional<ForwardRecord>{};
  HIPPOCRYPT_TRY(const auto params, forward_params(config, features));
  return std::optional{ForwardRecord{config.dp_forward->delta, config.dp_forward->budget,
                                     params.clip, params.noise_multiplier, params.features,
                                     params.tokens}};
}

Hash256 embedding_fingerprint(const Matrix& embedding) {
  Sha256 hash;
  hash.add_u64(embedding.rows()).add_u64(embedding.cols());
  const auto values = embedding.values();
  hash.add({reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()});
  return hash.finish();
}

Matrix embedding_columns(const Matrix& embedding, const std::vector<std::uint32_t>& tokens) {
  Matrix out{embedding.cols(), tokens.size()};
  for (std::size_t r = 0; r < out.rows(); ++r) {
    for (std::size_t t = 0; t < tokens.size(); ++t) out(r, t) = embedding(tokens[t], r);
  }
  return out;
}

void ForwardInputs::fill(model::Batch& batch,
                         const std::vector<const TokenSequence*>& sequences) const {
  batch.inputs = Matrix{release_.params().features, batch.tokens.size()};
  auto values = batch.inputs.values();
  std::fill(values.begin(), values.end(), 0.0F);
  HIPPOCRYPT_CHECK(sequences.size() <= batch.sequences.size());
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    const TokenSequence& sequence = *sequences[s];
    const model::SequenceSpan& span = batch.sequences[s];
    HIPPOCRYPT_CHECK(span.count == sequence.size());
    const Matrix clean = embedding_columns(weights_.embedding, sequence.tokens);
    const Matrix noisy = release_.matrix(sequence.identity, clean.view());
    for (std::size_t r = 0; r < noisy.rows(); ++r) {
      for (std::size_t t = 0; t < span.count; ++t) batch.inputs(r, span.begin + t) = noisy(r, t);
    }
  }
}

std::vector<Hash256> identities_of(const std::vector<DataUnit>& units,
                                   const std::vector<TokenSequence>& heldout) {
  std::vector<Hash256> out;
  for (const DataUnit& unit : units) {
    for (const TokenSequence& sequence : unit.sequences) out.push_back(sequence.identity);
  }
  for (const TokenSequence& sequence : heldout) out.push_back(sequence.identity);
  return out;
}

}  // namespace hippocrypt::federation
