#pragma once
// Gaussian noise on the integers: P(x) proportional to exp(-x^2 / (2 sigma^2)) with sigma = 2^k
// (Canonne, Kamath, Steinke 2020, arXiv:2004.00010). Integer noise on an integer sum leaves no
// trace of the sum in low bits (Mironov 2012), which noise made of doubles does.
//
// The method is rejection, in strips of sigma/16: a strip h is drawn with weight
// exp(-h^2 / 512), a point l of its 2^(k-4) uniformly, and it is kept with probability
// exp(-(2 h w l + l^2) / (2 sigma^2)), w the width, so that what is kept has the right weight.
// Both choices compare random bits with a probability, taking only as many bits as decide: first
// with bounds that hold, at last with 128 bits of the probability from 334-bit arithmetic. So the
// distribution of a sample differs from the exact one in total variation by less than
// sample_deviation, which is made of: strips' thresholds cut to 128 bits (208 * 2^-128), strips
// from 13 sigma on left out (below 2^-121), the last comparison (2^-127). Over n samples delta
// grows by at most (1 + e^epsilon) * n * 2^-110: 1e-22 for 10,000 steps of two million values.
// The time that a sample takes is not hidden; it depends on the noise, not on the sum.

#include <cstdint>
#include <span>

#include "base/random.hpp"

namespace hippocrypt::privacy {

class DiscreteGaussian {
 public:
  static constexpr int min_log2_sigma = 4;
  static constexpr int max_log2_sigma = 31;
  /// Bound on a sample's distance from the exact distribution, in total variation.
  static constexpr double sample_deviation = 0x1p-110;

  /// `random` must outlive the object.
  DiscreteGaussian(RandomSource& random, int log2_sigma);

  /// values[i] += an independent sample, below 13 * 2^k in size. Random words are fetched in blocks
  /// inside the call and wiped before it returns, so that a fork between two calls cannot repeat
  /// noise. Threads are used where the source is the operating system; any other is asked in
  /// one order.
  void add_to(std::span<std::int64_t> values, std::size_t threads = 1) const;

 private:
  RandomSource* random_;
  int log2_sigma_;
};

}  // namespace hippocrypt::privacy
