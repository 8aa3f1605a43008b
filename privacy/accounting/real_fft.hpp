#pragma once
// A real FFT with a stated error: Eigen's, over its own kissfft backend.

#include <complex>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace hippocrypt::privacy {

/// Keeps the twiddle factors of the last two sizes, about 24 bytes a value. Not thread-safe.
class RealFft {
 public:
  RealFft();
  ~RealFft();
  RealFft(RealFft&&) noexcept;
  RealFft& operator=(RealFft&&) noexcept;

  /// n / 2 + 1 values of the spectrum of n = values.size() reals, unscaled. n is a size of
  /// good_size().
  std::vector<std::complex<double>> forward(const std::vector<double>& values);
  /// The reals of forward()'s spectrum; `size` as there.
  std::vector<double> inverse(const std::vector<std::complex<double>>& spectrum, std::size_t size);

  /// The least 2^k, 3 * 2^k or 5 * 2^k that is at least `at_least` and at least 64.
  static std::size_t good_size(std::size_t at_least);
  /// A bound on the error in the 2-norm of one transform of `size` values, relative to the result's
  /// 2-norm: (log2 n + 4) stages of at most 8 units in the last place each (Higham, Accuracy and
  /// Stability of Numerical Algorithms, theorem 24.2; kissfft's twiddles come from sines and
  /// cosines of arguments up to pi/4 and are correct to 2 ulps, those of the real step to 4).
  static double relative_error(std::size_t size);

 private:
  struct Plan;
  Plan& plan(std::size_t size);

  std::vector<std::unique_ptr<Plan>> plans_;  ///< the one used last at the end
};

}  // namespace hippocrypt::privacy
