#pragma once
// Gaussian noise made of doubles, drawn from a source of secret bytes. DP-SGD does not use it: its
// noise is whole numbers (discrete_gaussian.hpp).
//
// What is exact and what is not: the accountant's theorem is about real-valued Gaussians. These are
// doubles, made by Box-Muller from 53-bit uniforms, and a floating-point Gaussian leaves traces in
// its low bits (Mironov 2012; Jin et al., arXiv:2112.05307). The hardening here is the one of
// Opacus' secure mode (arXiv:2107.10138): a draw is the sum of four independent ones over two, and
// the first draw of a generator is thrown away. That is a heuristic: it makes the inversion of low
// bits infeasible as far as is known and proves nothing. Noise on an integer grid (discrete
// Gaussian) would be exact. The time that a draw takes is not hidden either.

#include <cstddef>
#include <span>

#include "base/random.hpp"
#include "base/secret.hpp"

namespace hippocrypt::privacy {

/// Draws hardened Gaussians. Random bytes are fetched in blocks inside a call and wiped before it
/// returns, so that a fork between two calls cannot repeat noise. Not thread-safe.
class GaussianNoise {
 public:
  /// `random` must outlive the object.
  explicit GaussianNoise(RandomSource& random);

  /// values[i] += N(0, standard_deviation^2), added in double precision. A deviation of 0 changes
  /// nothing. Needs a finite deviation >= 0.
  void add_to(std::span<float> values, double standard_deviation);
  void add_to(std::span<double> values, double standard_deviation);

 private:
  template <class T>
  void add_noise(std::span<T> values, double standard_deviation);

  RandomSource* random_;
};

/// "system_random" for the operating system's generator, "injected_random" for anything else (tests
/// and the testing binary). Stamped into the ledger; it is asked of the object, so it cannot be
/// claimed.
const char* random_source_name(const RandomSource& random);

}  // namespace hippocrypt::privacy
