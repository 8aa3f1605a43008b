#pragma once
// DP-Forward in training: the noisy, clipped embeddings of a hospital's sequences in place of the
// embeddings themselves.

#include <filesystem>
#include <vector>

#include "federation/client/hospital_data.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/common/run_record.hpp"
#include "model/batch.hpp"
#include "model/weights.hpp"
#include "privacy/dp_forward/embedding_release.hpp"

namespace hippocrypt::federation {

/// The mechanism that the configuration asks for, for embeddings of `features` values. Errors:
/// those of privacy::gaussian_noise_multiplier.
Result<privacy::MatrixGaussianParams> forward_params(const FederationConfig& config,
                                                     std::size_t features);

/// What run.json says of it; nothing without DP-Forward. Errors: the same.
Result<std::optional<ForwardRecord>> forward_record(const FederationConfig& config,
                                                    std::size_t features);

/// Over all values: which table turns tokens into embeddings.
Hash256 embedding_fingerprint(const Matrix& embedding);

/// (features, tokens.size()): rows of the table (vocab, features) as columns.
Matrix embedding_columns(const Matrix& embedding, const std::vector<std::uint32_t>& tokens);

/// Not thread-safe.
class ForwardInputs {
 public:
  /// `weights` must outlive it.
  ForwardInputs(privacy::EmbeddingRelease release, const model::ClientWeights& weights)
      : release_{std::move(release)}, weights_{weights} {}

  /// Sets batch.inputs. The sequences of the batch are `sequences`, in order; what belongs to none
  /// of them gets zeros. Padding comes behind a sequence and attention looks back only, so its
  /// columns are made and left out here.
  void fill(model::Batch& batch, const std::vector<const TokenSequence*>& sequences) const;

  const privacy::EmbeddingRelease& release() const { return release_; }

 private:
  privacy::EmbeddingRelease release_;
  const model::ClientWeights& weights_;
};

/// The identities of all sequences of a hospital, those that evaluate included.
std::vector<Hash256> identities_of(const std::vector<DataUnit>& units,
                                   const std::vector<TokenSequence>& heldout);

}  // namespace hippocrypt::federation
