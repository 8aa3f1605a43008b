#pragma once
// One row of the privacy ledger: everything that the accountant and an auditor need, and its hash.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "privacy/accounting/rdp_accountant.hpp"

namespace hippocrypt::privacy {

/// Whose presence is hidden. All notes of one patient are sampled and clipped together for
/// `patient`.
enum class PrivacyUnit { patient, note };
/// Which data sets are neighbours. Replace-one would double the sensitivity; it is not offered.
enum class NeighbouringRelation { add_remove };
/// What was run.
enum class Mechanism { poisson_sampled_gaussian };

std::string_view to_string(PrivacyUnit unit);
std::string_view to_string(NeighbouringRelation relation);
std::string_view to_string(Mechanism mechanism);
/// Errors of the three: unsupported (a name that this version does not know).
Result<PrivacyUnit> privacy_unit_from(std::string_view name);
Result<NeighbouringRelation> neighbouring_relation_from(std::string_view name);
Result<Mechanism> mechanism_from(std::string_view name);

/// One released update: `steps` steps of DP-SGD with the same constants.
struct LedgerEntry {
  std::string run;
  std::string hospital;
  std::uint64_t round = 0;
  Hash256 dataset{};  ///< identity of the data set, the key of the account
  PrivacyUnit unit = PrivacyUnit::patient;
  NeighbouringRelation relation = NeighbouringRelation::add_remove;
  Mechanism mechanism = Mechanism::poisson_sampled_gaussian;
  std::string sampler;  ///< UniformSource::name()
  double sampling_rate = 0;
  double noise_multiplier = 0;
  double clip = 0;
  std::uint64_t steps = 0;
  double delta = 0;                 ///< at which the hospital's budget was checked
  double overflow_probability = 0;  ///< per step, see overflow.hpp
  std::string noise_source;         ///< random_source_name()
  std::int64_t unix_time_s = 0;
  std::string software_version;

  /// Errors: out_of_range, naming the field, its value and what is allowed.
  Status check() const;
  SampledGaussian event() const { return {sampling_rate, noise_multiplier, steps}; }
};

/// An entry in its place in the chain.
struct LedgerRow {
  std::uint64_t id = 0;  ///< 1, 2, 3 ... without a gap
  LedgerEntry entry;
  Hash256 previous{};  ///< hash of row id - 1; zeros for the first
  Hash256 hash{};
};

/// Longest text field.
inline constexpr std::size_t max_ledger_text_bytes = 256;
/// Most steps in one row, and largest round.
inline constexpr std::uint64_t max_ledger_steps = std::uint64_t{1} << 32;
/// Largest noise multiplier and clip: far beyond use, and small enough that no formula overflows.
inline constexpr double max_noise_multiplier = 1e9;
inline constexpr double max_clip = 1e30;

/// SHA-256 over the id, every field (lengths prefixed, doubles by their bits) and the previous
/// hash.
Hash256 row_hash(const LedgerRow& row);

}  // namespace hippocrypt::privacy
