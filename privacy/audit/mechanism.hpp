#pragma once
// A mechanism as its auditor meets it: things to call. The real engine (engine/) and sabotaged
// variants of it (tests) go through the same checks.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"

namespace hippocrypt::privacy::audit {

/// What is claimed of every step.
struct Claim {
  double sampling_rate = 0;     ///< q
  double noise_multiplier = 0;  ///< sigma
  double clip = 0;              ///< C
  double expected_lot = 1;      ///< constant that sums are divided by
};

/// A data set of the auditor's making.
struct AuditedData {
  std::size_t units = 0;
  std::size_t size = 0;  ///< values a gradient
  /// Writes the gradient of `unit` to out (size), which holds zeros.
  std::function<void(std::size_t unit, std::span<float> out)> gradient;
};

/// Runs `steps` steps as training would, sampling included, and returns what each released, as
/// released: (steps, data.size).
using Mechanism = std::function<Result<Matrix>(const AuditedData& data, std::uint64_t steps)>;

/// The lots of `lots` steps on a data set of `units` units.
using LotDrawer = std::function<Result<std::vector<std::vector<std::size_t>>>(std::size_t units,
                                                                              std::uint64_t lots)>;

/// The released sum of a lot of exactly these gradients (each of `size`), with noise turned off.
using NoiselessStep = std::function<Result<std::vector<double>>(
    std::span<const std::vector<float>> lot, std::size_t size)>;

}  // namespace hippocrypt::privacy::audit
