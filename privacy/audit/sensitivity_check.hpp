#pragma once
// Whether one unit moves a lot's sum by at most the clip norm, whatever its gradient and the
// others' hold.

#include "base/random.hpp"
#include "privacy/audit/check_result.hpp"
#include "privacy/audit/mechanism.hpp"

namespace hippocrypt::privacy::audit {

struct SensitivityOptions {
  std::size_t size = 64;  ///< values a gradient
  std::size_t random_lots = 30;
  /// The sums are floats: a part of each value, and what a grid may add.
  double tolerance = 1e-5;
};

/// Adds one unit to lots of the auditor's making, noise off, and takes the largest move of
/// expected_lot times what is released: empty lots; gradients of zeros, of any size up to huge, NaN
/// and infinite, of the largest floats; duplicates and opposites. "sensitivity": at most C (1 +
/// tolerance). Errors: those of `step`.
Result<CheckResult> check_sensitivity(const NoiselessStep& step, const Claim& claim,
                                      SeededSequence& sequence,
                                      const SensitivityOptions& options = {});

/// What a mechanism releases before noise, for one record's values (size) as they are.
using ClippedValues = std::function<Result<std::vector<double>>(std::span<const float> values)>;

/// For mechanisms whose neighbours are any two records (local privacy, replace-one): the largest
/// distance of what two records give, opposite, huge and not finite ones too. "any-pair
/// sensitivity": at most `claimed` (1 + 1e-6); clipping at C alone gives 2C. Errors: those of
/// `clipped`.
Result<CheckResult> check_any_pair(const ClippedValues& clipped, double claimed, std::size_t size,
                                   SeededSequence& sequence);

}  // namespace hippocrypt::privacy::audit
