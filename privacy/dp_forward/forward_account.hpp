#pragma once
// What released embeddings have cost: an account of its own, by sequence and for any pair of
// sequences. It is never added to DP-SGD's, which counts other neighbours of another unit.

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::privacy {

/// Releases of the same sequences with independent noise, together as good as one with this noise
/// multiplier: the Gaussian mechanism composes exactly, 1/m² = Σ steps/m_i².
class ForwardAccount {
 public:
  /// `releases` of every sequence, each with `noise_multiplier` > 0.
  void add(double noise_multiplier, std::uint64_t releases);
  std::uint64_t releases() const { return releases_; }
  /// Infinity before the first release.
  double noise_multiplier() const;
  /// Smallest epsilon at `delta` in (0, 1): exact, by Balle and Wang's condition (ICML 2018,
  /// arXiv:1805.06530, Thm 8); 0 before the first release.
  double epsilon(double delta) const;

 private:
  double squares_ = 0;  ///< Σ steps/m_i²
  std::uint64_t releases_ = 0;
};

/// The account of one data set. Claim: (epsilon, delta)-local differential privacy of each
/// sequence's released embeddings, for any two sequences that it could have been.
struct ForwardReport {
  std::uint64_t releases = 0;   ///< of each sequence; 0: nothing was released
  double noise_multiplier = 0;  ///< of all together; infinity without a release
  double epsilon = 0;
  double delta = 0;
  double budget = 0;
  double remaining = 0;  ///< max(0, budget - epsilon)
};

/// Whether a row belongs to this account.
bool is_forward(const LedgerEntry& entry);

/// The account of all rows of `dataset`.
ForwardAccount forward_account(std::span<const LedgerRow> rows, const Hash256& dataset);

/// Errors: out_of_range (delta not in (0, 1), budget not above 0).
Result<ForwardReport> forward_report(std::span<const LedgerRow> rows, const Hash256& dataset,
                                     double delta, double budget);

}  // namespace hippocrypt::privacy
