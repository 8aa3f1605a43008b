#pragma once
// The analytic matrix Gaussian mechanism of DP-Forward (Du et al., CCS 2023, arXiv:2309.06746) with
// scaled identities, which is iid noise: release f(X) + Z, where f(X) is the matrix of a sequence's
// embeddings, padded to a constant number of tokens and clipped to Frobenius norm C as a whole.
//
// Any two sequences are neighbours, so their clipped matrices lie up to 2C apart: the sensitivity
// is 2C, not C. (C would only hold against a neighbour that is the zero matrix.) With standard
// deviation s the mechanism is the Gaussian one with noise multiplier s / 2C, whatever the shape;
// the shape only decides how much noise there is in all.

#include <cstddef>

#include "base/matrix.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

namespace hippocrypt::privacy {

/// Less noise than this has no grid of its own (NoiseGrid); epsilon is above 10^11 there.
inline constexpr double min_forward_noise = 1e-6;

/// The constants of a release; all public, none from the data.
struct MatrixGaussianParams {
  double clip = 0;              ///< C in (0, 1e30]: Frobenius norm of a sequence's matrix
  double noise_multiplier = 0;  ///< in [1e-6, 1e9]: standard deviation over sensitivity 2C
  std::size_t features = 0;     ///< width of an embedding, at least 1
  std::size_t tokens = 0;       ///< n: every sequence has as many, padding included; at least 1

  /// Errors: out_of_range (names the field, its value and what is allowed).
  Status check() const;

  /// 2C: the largest Frobenius distance of two clipped matrices.
  double sensitivity() const { return 2.0 * clip; }
  /// Of every entry's noise.
  double standard_deviation() const { return noise_multiplier * sensitivity(); }
  /// Root mean square of the noise's Frobenius norm: s·sqrt(features·tokens). The signal's norm is
  /// at most C.
  double noise_norm() const;
  /// C over noise_norm(): at best.
  double signal_to_noise() const { return clip / noise_norm(); }
};

/// Scales `values` so that their Frobenius norm, over all rows and columns, is at most `clip`;
/// leaves a matrix that is within it. One with NaN or infinity becomes zero.
void clip_frobenius(MatrixViewT<double> values, double clip);

/// out = clip(clean, padded with zero columns) + noise of standard deviation s on every entry,
/// padding included, from the words of `random`: the clipped matrix is cut to whole multiples of
/// NoiseGrid's unit, and a discrete Gaussian is added to the integers (dp_sgd/README.md). clean
/// (features, 0 to tokens), out (features, tokens). Whoever calls this has paid: see
/// EmbeddingRelease.
void add_matrix_noise(const MatrixGaussianParams& params, ConstMatrixView clean,
                      RandomSource& random, MatrixView out);

}  // namespace hippocrypt::privacy
