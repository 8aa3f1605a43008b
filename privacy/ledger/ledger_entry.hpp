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
/// `patient`; `sequence` is one text whose embeddings are released.
enum class PrivacyUnit { patient, note, sequence };
/// Which inputs are neighbours: data sets that differ by one unit, or any two sequences (local
/// privacy). Replace-one would double the sensitivity of DP-SGD; it is not offered.
enum class NeighbouringRelation { add_remove, any_pair };
/// What was run. DP-SGD hides patients or notes under add_remove; the matrix Gaussian mechanism
/// (DP-Forward, arXiv:2309.06746) hides sequences under any_pair. The two are never composed.
enum class Mechanism { poisson_sampled_gaussian, matrix_gaussian };
/// How a unit's contribution is bounded.
enum class Clipping { flat, per_layer, adaptive };
/// How the noise is made: of doubles (rows of earlier versions), or exactly on a grid of whole
/// numbers.
enum class NoiseKind { gaussian_doubles, discrete_gaussian };

std::string_view to_string(PrivacyUnit unit);
std::string_view to_string(NeighbouringRelation relation);
std::string_view to_string(Mechanism mechanism);
std::string_view to_string(Clipping clipping);
std::string_view to_string(NoiseKind noise);
/// Errors of them all: unsupported (a name that this version does not know).
Result<PrivacyUnit> privacy_unit_from(std::string_view name);
Result<NeighbouringRelation> neighbouring_relation_from(std::string_view name);
Result<Mechanism> mechanism_from(std::string_view name);
Result<Clipping> clipping_from(std::string_view name);
Result<NoiseKind> noise_kind_from(std::string_view name);

/// What one row pays for: `steps` steps of DP-SGD with the same constants, or `steps` releases of
/// every sequence with sampling rate 1.
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
  /// What is accounted: standard deviation over sensitivity. With adaptive clipping the noise on
  /// the gradient is larger, since the count of clipped units is released as well; for the matrix
  /// Gaussian the sensitivity is 2·clip.
  double noise_multiplier = 0;
  double clip = 0;  ///< of the whole contribution: sqrt(sum of C_l^2) with one norm a layer
  std::uint64_t steps = 0;
  double delta = 0;                 ///< at which the hospital's budget was checked
  double overflow_probability = 0;  ///< per step, see overflow.hpp
  std::string noise_source;         ///< random_source_name()
  std::int64_t unix_time_s = 0;
  std::string software_version;
  Clipping clipping = Clipping::flat;
  NoiseKind noise = NoiseKind::gaussian_doubles;

  /// Errors: out_of_range, naming the field, its value and what is allowed.
  Status check() const;
  SampledGaussian event() const { return {sampling_rate, noise_multiplier, steps}; }
};

/// Rows of version 1 had neither clipping nor noise kind; they stay as they were written.
inline constexpr std::uint64_t ledger_row_version = 2;

/// An entry in its place in the chain.
struct LedgerRow {
  std::uint64_t id = 0;                        ///< 1, 2, 3 ... without a gap
  std::uint64_t version = ledger_row_version;  ///< which fields the hash covers
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

/// SHA-256 over the version, the id, every field (lengths prefixed, doubles by their bits) and the
/// previous hash.
Hash256 row_hash(const LedgerRow& row);

}  // namespace hippocrypt::privacy
