#pragma once
// Sequences' noisy embeddings, paid for before the first is made: the only way to them. The noise
// follows from a secret seed, the sequence and the constants, so that a sequence is noised once,
// however often it is asked for, in this run and in a resumed one. Another seed, other constants, a
// changed text or another model make another release, with independent noise and a charge of its
// own.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "privacy/dp_forward/matrix_gaussian.hpp"
#include "privacy/dp_forward/noise_seed.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::privacy {

/// What is released. An identity names the place of a sequence (patient, note) and its tokens: two
/// equal texts of two patients must differ, or equal noise would show that they are equal.
struct ReleaseSource {
  Hash256 dataset{};               ///< key of the account
  Hash256 embedding{};             ///< fingerprint of the table that makes matrices of tokens
  std::vector<Hash256> sequences;  ///< identities, distinct
};

/// Who releases, and up to where.
struct ReleaseTerms {
  double delta = 0;   ///< in (0, 1)
  double budget = 0;  ///< > 0: largest epsilon of a sequence; infinity for none
  std::string run;
  std::string hospital;
  std::string software_version;
  std::function<std::int64_t()> unix_clock;
};

class EmbeddingRelease {
 public:
  /// Charges one release of every sequence, durably, unless the ledger shows that this very release
  /// has been paid for. Errors: out_of_range (constants, no sequences), mismatch (a sequence
  /// twice), budget_exhausted (what is spent, what it would be, the budget; nothing is charged),
  /// those of Ledger::charge_if.
  static Result<EmbeddingRelease> pay(const MatrixGaussianParams& params, ReleaseSource source,
                                      NoiseSeed seed, const ReleaseTerms& terms, Ledger& ledger);

  /// The noisy matrix (features, tokens) of `sequence`, which must be one that was paid for. clean
  /// (features, 0 to tokens): its embeddings, padding left out. The same bits for the same input.
  Matrix matrix(const Hash256& sequence, ConstMatrixView clean) const;

  const MatrixGaussianParams& params() const { return params_; }
  /// Over the constants, the seed and all sequences; in the ledger's row.
  const Hash256& id() const { return id_; }
  std::uint64_t ledger_row() const { return ledger_row_; }
  /// False if an earlier run has paid.
  bool charged_now() const { return charged_now_; }
  /// Of every sequence, by all releases on record for the data set.
  double epsilon() const { return epsilon_; }
  std::size_t sequences() const { return sequences_.size(); }

 private:
  EmbeddingRelease(const MatrixGaussianParams& params, NoiseSeed seed)
      : params_{params}, seed_{std::move(seed)} {}

  MatrixGaussianParams params_;
  NoiseSeed seed_;
  std::vector<Hash256> sequences_;  ///< sorted
  Hash256 id_{};
  std::uint64_t ledger_row_ = 0;
  bool charged_now_ = false;
  double epsilon_ = 0;
};

}  // namespace hippocrypt::privacy
