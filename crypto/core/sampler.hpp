#pragma once
// TUniform(2^b): uniform on [-2^b, 2^b], the two ends half as likely. b + 2 random bits a sample,
// no table, no rejection, no branch. Source: the bounded noise of TFHE-rs.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/random.hpp"

namespace hippocrypt::crypto {

/// Maps b + 2 uniform bits (higher bits are ignored) to a sample: ⌈r/2⌉ - 2^b.
constexpr std::int32_t tuniform_from_bits(std::uint32_t bits, unsigned log_bound) {
  const std::uint32_t kept = bits & ((1U << (log_bound + 2)) - 1);
  return static_cast<std::int32_t>((kept + 1) >> 1) - (std::int32_t{1} << log_bound);
}

/// Variance (2^(2b+1) + 1)/6.
constexpr double tuniform_variance(unsigned log_bound) {
  const double bound = static_cast<double>(1U << log_bound);
  return (2 * bound * bound + 1) / 6;
}

/// Random bytes that a sample takes: its b + 2 bits are the lowest of these, little-endian.
constexpr std::size_t tuniform_sample_bytes(unsigned log_bound) { return log_bound <= 6 ? 1 : 2; }

/// Fills `out` with independent samples. b ≤ 8.
void sample_tuniform(RandomSource& random, unsigned log_bound, std::span<std::int16_t> out);

}  // namespace hippocrypt::crypto
