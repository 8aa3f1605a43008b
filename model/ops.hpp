#pragma once
// The element-wise parts of a Llama block, forward and backward. Activations are (features,
// tokens); inner loops run along tokens, so they vectorise without reassociating any sum. Work is
// split over `threads` where they are given; results do not depend on it. Instantiated for float,
// double and complex<double>.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/matrix.hpp"
#include "model/batch.hpp"
#include "model/config.hpp"

namespace hippocrypt::model {

/// y[:,t] = gain ∘ x[:,t] / sqrt(mean(x[:,t]²) + epsilon) (Zhang and Sennrich 2019).
/// x, y (features, tokens), gain (features); inverse_rms (tokens) receives what the backward needs.
template <class T>
void rms_norm_forward(ConstMatrixViewT<T> x, std::span<const T> gain, double epsilon,
                      MatrixViewT<T> y, std::span<T> inverse_rms, std::size_t threads = 1);

/// The same y from an inverse_rms that is known already.
template <class T>
void rms_norm_apply(ConstMatrixViewT<T> x, std::span<const T> gain, std::span<const T> inverse_rms,
                    MatrixViewT<T> y, std::size_t threads = 1);

/// dx += the gradient with respect to x. dgain += the gradient with respect to the gains, unless
/// dgain is empty (with gains it takes one thread).
template <class T>
void rms_norm_backward(ConstMatrixViewT<T> x, std::span<const T> gain,
                       std::span<const T> inverse_rms, ConstMatrixViewT<T> dy, MatrixViewT<T> dx,
                       std::span<T> dgain, std::size_t threads = 1);

/// Radians by which pair `pair` of a head turns a position, stretched by rope_scaling.
double rope_frequency(const ModelLiteral& config, std::size_t pair);

/// Cosines and sines of the rotary embedding (Su et al. 2021), angle(i, p) =
/// p·theta^(-2i/head_dim), stretched by the config's rope_scaling.
template <class T>
class RopeTableT {
 public:
  /// For positions [0, positions).
  RopeTableT(const ModelConfig& config, std::size_t positions);
  std::size_t half() const { return cosine_.rows(); }
  std::span<const T> cosine(std::size_t pair) const { return cosine_.row(pair); }
  std::span<const T> sine(std::size_t pair) const { return sine_.row(pair); }

 private:
  MatrixT<T> cosine_, sine_;  ///< (head_dim / 2, positions)
};

/// Rotates in place every pair (i, i + head_dim/2) of every head (the rotate_half convention of
/// Hugging Face). x (heads·head_dim, tokens); a sequence's positions start at its `past`,
/// dummies keep their values.
template <class T>
void rope_forward(const RopeTableT<T>& table, std::span<const SequenceSpan> sequences,
                  MatrixViewT<T> x, std::size_t threads = 1);
/// The transposed rotation, in place on a gradient.
template <class T>
void rope_backward(const RopeTableT<T>& table, std::span<const SequenceSpan> sequences,
                   MatrixViewT<T> dx, std::size_t threads = 1);

/// out = gate·sigmoid(gate)·up (SwiGLU, Shazeer 2020); all (ffn, tokens).
template <class T>
void silu_gate_forward(ConstMatrixViewT<T> gate, ConstMatrixViewT<T> up, MatrixViewT<T> out,
                       std::size_t threads = 1);
/// dgate and dup are overwritten.
template <class T>
void silu_gate_backward(ConstMatrixViewT<T> gate, ConstMatrixViewT<T> up, ConstMatrixViewT<T> dout,
                        MatrixViewT<T> dgate, MatrixViewT<T> dup, std::size_t threads = 1);

}  // namespace hippocrypt::model
