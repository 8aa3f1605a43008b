#include "privacy/dp_forward/matrix_gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/core.h>

#include "base/check.hpp"
#include "base/secret.hpp"
#include "privacy/dp_sgd/discrete_gaussian.hpp"
#include "privacy/dp_sgd/noise_grid.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::privacy {
namespace {

Error not_allowed(const char* field, double value, const char* allowed) {
  return {Errc::out_of_range,
          fmt::format("DP-Forward's {} is {:g}; allowed is {}", field, value, allowed)};
}

/// The norm computed may be too small by a few roundings; the matrix is scaled a little further.
constexpr double rounding_room = 1.0 + 0x1p-40;

/// Multiples of `unit`, cut towards zero so that the norm does not grow. That of the integers is at
/// most `norm`, which is a checked fact and no statement about floating-point arithmetic.
void to_grid(std::span<const double> values, double unit, double norm,
             std::span<std::int64_t> whole) {
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    whole[i] = static_cast<std::int64_t>(values[i] / unit);
    const auto value = static_cast<double>(whole[i]);
    squares += value * value;
  }
  HIPPOCRYPT_CHECK(squares <= norm * norm, "a matrix above its clip");
}

}  // namespace

Status MatrixGaussianParams::check() const {
  if (!(clip > 0 && clip <= max_clip)) {
    return not_allowed("clip", clip, "a value above 0 and at most 1e30");
  }
  if (!(noise_multiplier >= min_forward_noise && noise_multiplier <= max_noise_multiplier)) {
    return not_allowed("noise multiplier", noise_multiplier, "a value from 1e-6 to 1e9");
  }
  if (features == 0) return not_allowed("number of features", 0, "1 or more");
  if (tokens == 0) return not_allowed("number of tokens", 0, "1 or more");
  return {};
}

double MatrixGaussianParams::noise_norm() const {
  return standard_deviation() *
         std::sqrt(static_cast<double>(features) * static_cast<double>(tokens));
}

void clip_frobenius(MatrixViewT<double> values, double clip) {
  HIPPOCRYPT_CHECK(clip > 0);
  double largest = 0;
  bool finite = true;
  for (std::size_t r = 0; r < values.rows(); ++r) {
    for (const double value : values.row(r)) {
      finite = finite && std::isfinite(value);
      largest = std::max(largest, std::abs(value));
    }
  }
  if (finite && largest == 0) return;
  double sum = 0;  // of squares of values over the largest: overflows for no matrix
  for (std::size_t r = 0; finite && r < values.rows(); ++r) {
    for (const double value : values.row(r)) sum += (value / largest) * (value / largest);
  }
  const double norm = largest * std::sqrt(sum) * rounding_room;
  if (finite && norm <= clip) return;
  for (std::size_t r = 0; r < values.rows(); ++r) {
    for (double& value : values.row(r)) value = finite ? value * (clip / norm) : 0.0;
  }
}

void add_matrix_noise(const MatrixGaussianParams& params, ConstMatrixView clean,
                      RandomSource& random, MatrixView out) {
  HIPPOCRYPT_CHECK(clean.rows() == params.features && out.rows() == params.features);
  HIPPOCRYPT_CHECK(clean.cols() <= params.tokens);
  HIPPOCRYPT_CHECK(out.cols() == params.tokens);
  SecretArray<double> padded(params.features * params.tokens);
  const MatrixViewT<double> values{padded.reveal().data(), params.features, params.tokens,
                                   params.tokens};
  for (std::size_t r = 0; r < clean.rows(); ++r) {
    for (std::size_t t = 0; t < clean.cols(); ++t) {
      values(r, t) = static_cast<double>(clean(r, t));
    }
  }
  clip_frobenius(values, params.clip);
  const NoiseGrid grid = NoiseGrid::of(params.noise_multiplier);
  const double unit = params.sensitivity() / grid.sensitivity;
  SecretArray<std::int64_t> whole(padded.size());
  to_grid(padded.reveal(), unit, grid.sensitivity / 2.0, whole.reveal());
  DiscreteGaussian{random, grid.log2_sigma}.add_to(whole.reveal());
  const std::span<const std::int64_t> noisy = whole.reveal();
  for (std::size_t r = 0; r < out.rows(); ++r) {
    for (std::size_t t = 0; t < out.cols(); ++t) {
      out(r, t) = static_cast<float>(static_cast<double>(noisy[r * out.cols() + t]) * unit);
    }
  }
}

}  // namespace hippocrypt::privacy
