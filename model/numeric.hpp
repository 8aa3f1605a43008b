#pragma once
// Scalar helpers that let one template serve float (fast), double (reference) and complex<double>
// (complex-step gradient checks: f must be analytic, so comparisons look at the real part only).

#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <type_traits>

#include "base/matrix.hpp"
#include "model/exponential.hpp"

namespace hippocrypt::model {

/// The type in which sums over tokens are kept: double for float, else T itself.
template <class T>
using WideT = std::conditional_t<std::is_same_v<T, float>, double, T>;

inline float real_part(float x) { return x; }
inline double real_part(double x) { return x; }
inline double real_part(const std::complex<double>& x) { return x.real(); }

/// T from a double: float needs a rounding, complex an imaginary part of zero.
template <class T>
T from_double(double value) {
  return static_cast<T>(value);
}

/// T from a float.
template <class T>
T from_float(float value) {
  return static_cast<T>(static_cast<double>(value));
}

/// e^x; float has its own, in exponential.hpp.
inline double exponential(double x) { return std::exp(x); }
inline std::complex<double> exponential(const std::complex<double>& x) { return std::exp(x); }

/// Whether no entry is NaN or infinite.
inline bool all_finite(ConstMatrixViewT<float> x) {
  std::uint32_t bad = 0;
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const float* const values = x.row(r).data();
    for (std::size_t c = 0; c < x.cols(); ++c) {
      const std::uint32_t exponent = std::bit_cast<std::uint32_t>(values[c]) & 0x7f800000U;
      bad |= exponent == 0x7f800000U ? 1U : 0U;
    }
  }
  return bad == 0;
}
template <class T>
bool all_finite(ConstMatrixViewT<T> x) {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (const T& value : x.row(r)) {
      if (!std::isfinite(std::abs(value))) return false;
    }
  }
  return true;
}

}  // namespace hippocrypt::model
