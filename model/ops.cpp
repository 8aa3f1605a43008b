#include "model/ops.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "model/numeric.hpp"
#include "model/row_kernels.hpp"

namespace hippocrypt::model {

template <class T>
void rms_norm_forward(ConstMatrixViewT<T> x, std::span<const T> gain, double epsilon,
                      MatrixViewT<T> y, std::span<T> inverse_rms) {
  HIPPOCRYPT_CHECK(inverse_rms.size() == x.cols());
  const std::size_t tokens = x.cols();
  T* const sum = inverse_rms.data();
  std::fill_n(sum, tokens, T{});
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T* const in = x.row(r).data();
    for (std::size_t t = 0; t < tokens; ++t) sum[t] += in[t] * in[t];
  }
  const T scale = T{1} / from_double<T>(static_cast<double>(x.rows()));
  const T shift = from_double<T>(epsilon);
  for (std::size_t t = 0; t < tokens; ++t) sum[t] = T{1} / std::sqrt(sum[t] * scale + shift);
  rms_norm_apply<T>(x, gain, inverse_rms, y);
}

template <class T>
void rms_norm_apply(ConstMatrixViewT<T> x, std::span<const T> gain, std::span<const T> inverse_rms,
                    MatrixViewT<T> y) {
  HIPPOCRYPT_CHECK(gain.size() == x.rows() && inverse_rms.size() == x.cols());
  HIPPOCRYPT_CHECK(y.rows() == x.rows() && y.cols() == x.cols());
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T* const in = x.row(r).data();
    T* const out = y.row(r).data();
    const T g = gain[r];
    for (std::size_t t = 0; t < x.cols(); ++t) out[t] = g * (in[t] * inverse_rms[t]);
  }
}

template <class T>
void rms_norm_backward(ConstMatrixViewT<T> x, std::span<const T> gain,
                       std::span<const T> inverse_rms, ConstMatrixViewT<T> dy, MatrixViewT<T> dx,
                       std::span<T> dgain) {
  const std::size_t tokens = x.cols();
  HIPPOCRYPT_CHECK(gain.size() == x.rows() && inverse_rms.size() == tokens);
  HIPPOCRYPT_CHECK(dy.rows() == x.rows() && dy.cols() == tokens);
  HIPPOCRYPT_CHECK(dx.rows() == x.rows() && dx.cols() == tokens);
  HIPPOCRYPT_CHECK(dgain.empty() || dgain.size() == x.rows());
  // dx = inv·(g∘dy) − x·inv³/features·⟨g∘dy, x⟩.
  std::vector<T> inner(tokens);
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T* const in = x.row(r).data();
    const T* const d = dy.row(r).data();
    const T g = gain[r];
    for (std::size_t t = 0; t < tokens; ++t) inner[t] += g * (d[t] * in[t]);
    if (dgain.empty()) continue;
    WideT<T> sum{};
    for (std::size_t t = 0; t < tokens; ++t) {
      sum += static_cast<WideT<T>>(d[t] * (in[t] * inverse_rms[t]));
    }
    dgain[r] += static_cast<T>(sum);
  }
  const T scale = T{1} / from_double<T>(static_cast<double>(x.rows()));
  for (std::size_t t = 0; t < tokens; ++t) {
    inner[t] *= scale * (inverse_rms[t] * (inverse_rms[t] * inverse_rms[t]));
  }
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T* const in = x.row(r).data();
    const T* const d = dy.row(r).data();
    T* const out = dx.row(r).data();
    const T g = gain[r];
    for (std::size_t t = 0; t < tokens; ++t) {
      out[t] += g * (d[t] * inverse_rms[t]) - in[t] * inner[t];
    }
  }
}

namespace {

/// Frequency of pair i, after Llama 3's scaling (Hugging Face, modeling_rope_utils, "llama3").
double rope_frequency(const ModelLiteral& config, std::size_t pair) {
  const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(config.head_dim);
  const double frequency = std::pow(config.rope_theta, exponent);
  const RopeScaling& scaling = config.rope_scaling;
  if (scaling.factor == 1.0) return frequency;
  const double turns = scaling.original_context * frequency / (2.0 * std::numbers::pi);
  if (turns > scaling.high_frequency) return frequency;
  if (turns < scaling.low_frequency) return frequency / scaling.factor;
  const double kept =
      (turns - scaling.low_frequency) / (scaling.high_frequency - scaling.low_frequency);
  return (1.0 - kept) * frequency / scaling.factor + kept * frequency;
}

enum class Direction : bool { forward, backward };

template <class T>
void rotate(const RopeTableT<T>& table, std::span<const SequenceSpan> sequences, MatrixViewT<T> x,
            Direction direction) {
  const std::size_t half = table.half();
  HIPPOCRYPT_CHECK(x.rows() % (2 * half) == 0);
  const T sign = direction == Direction::forward ? T{1} : T{-1};
  for (std::size_t head = 0; head < x.rows(); head += 2 * half) {
    for (std::size_t i = 0; i < half; ++i) {
      const T* const cosine = table.cosine(i).data();
      const T* const sine = table.sine(i).data();
      for (const SequenceSpan& span : sequences) {
        T* const first = x.row(head + i).data() + span.begin;
        T* const second = x.row(head + half + i).data() + span.begin;
        for (std::size_t p = 0; p < span.count; ++p) {
          const T a = first[p];
          const T b = second[p];
          const T s = sign * sine[p];
          first[p] = a * cosine[p] - b * s;
          second[p] = b * cosine[p] + a * s;
        }
      }
    }
  }
}

}  // namespace

template <class T>
RopeTableT<T>::RopeTableT(const ModelConfig& config, std::size_t positions)
    : cosine_{config->head_dim / 2, positions}, sine_{config->head_dim / 2, positions} {
  for (std::size_t i = 0; i < half(); ++i) {
    const double frequency = rope_frequency(config.literal(), i);
    for (std::size_t p = 0; p < positions; ++p) {
      const double angle = static_cast<double>(p) * frequency;
      cosine_(i, p) = from_double<T>(std::cos(angle));
      sine_(i, p) = from_double<T>(std::sin(angle));
    }
  }
}

template <class T>
void rope_forward(const RopeTableT<T>& table, std::span<const SequenceSpan> sequences,
                  MatrixViewT<T> x) {
  rotate(table, sequences, x, Direction::forward);
}

template <class T>
void rope_backward(const RopeTableT<T>& table, std::span<const SequenceSpan> sequences,
                   MatrixViewT<T> dx) {
  rotate(table, sequences, dx, Direction::backward);
}

template <class T>
void silu_gate_forward(ConstMatrixViewT<T> gate, ConstMatrixViewT<T> up, MatrixViewT<T> out) {
  HIPPOCRYPT_CHECK(gate.rows() == up.rows() && gate.cols() == up.cols());
  HIPPOCRYPT_CHECK(gate.rows() == out.rows() && gate.cols() == out.cols());
  for (std::size_t r = 0; r < gate.rows(); ++r) {
    row_kernels::silu_gate(gate.row(r).data(), up.row(r).data(), out.row(r).data(), gate.cols());
  }
}

template <class T>
void silu_gate_backward(ConstMatrixViewT<T> gate, ConstMatrixViewT<T> up, ConstMatrixViewT<T> dout,
                        MatrixViewT<T> dgate, MatrixViewT<T> dup) {
  HIPPOCRYPT_CHECK(gate.rows() == up.rows() && gate.cols() == up.cols());
  HIPPOCRYPT_CHECK(gate.rows() == dout.rows() && gate.cols() == dout.cols());
  HIPPOCRYPT_CHECK(gate.rows() == dgate.rows() && gate.cols() == dgate.cols());
  HIPPOCRYPT_CHECK(gate.rows() == dup.rows() && gate.cols() == dup.cols());
  for (std::size_t r = 0; r < gate.rows(); ++r) {
    row_kernels::silu_gate_backward(gate.row(r).data(), up.row(r).data(), dout.row(r).data(),
                                    dgate.row(r).data(), dup.row(r).data(), gate.cols());
  }
}

template <class T>
void cross_entropy(MatrixViewT<T> logits, std::span<const std::uint32_t> targets,
                   std::span<const T> weights, std::span<T> nll) {
  const std::size_t tokens = logits.cols();
  HIPPOCRYPT_CHECK(targets.size() == tokens && nll.size() == tokens);
  HIPPOCRYPT_CHECK(weights.empty() || weights.size() == tokens);
  HIPPOCRYPT_CHECK(logits.rows() > 0);
  std::vector<T> largest(logits.row(0).begin(), logits.row(0).end());
  for (std::size_t v = 1; v < logits.rows(); ++v) {
    const T* const row = logits.row(v).data();
    for (std::size_t t = 0; t < tokens; ++t) {
      largest[t] = real_part(row[t]) > real_part(largest[t]) ? row[t] : largest[t];
    }
  }
  for (std::size_t t = 0; t < tokens; ++t) {
    HIPPOCRYPT_CHECK(targets[t] < logits.rows());
    nll[t] = largest[t] - logits(targets[t], t);
  }
  std::vector<T> sum(tokens);
  for (std::size_t v = 0; v < logits.rows(); ++v) {
    row_kernels::exponentials(logits.row(v).data(), largest.data(), T{1}, sum.data(), tokens);
  }
  for (std::size_t t = 0; t < tokens; ++t) nll[t] += std::log(sum[t]);
  if (weights.empty()) return;
  for (std::size_t t = 0; t < tokens; ++t) sum[t] = weights[t] / sum[t];
  for (std::size_t v = 0; v < logits.rows(); ++v) {
    T* const row = logits.row(v).data();
    for (std::size_t t = 0; t < tokens; ++t) row[t] *= sum[t];
  }
  for (std::size_t t = 0; t < tokens; ++t) logits(targets[t], t) -= weights[t];
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                                 \
  template void rms_norm_forward<T>(ConstMatrixViewT<T>, std::span<const T>, double,              \
                                    MatrixViewT<T>, std::span<T>);                                \
  template void rms_norm_apply<T>(ConstMatrixViewT<T>, std::span<const T>, std::span<const T>,    \
                                  MatrixViewT<T>);                                                \
  template void rms_norm_backward<T>(ConstMatrixViewT<T>, std::span<const T>, std::span<const T>, \
                                     ConstMatrixViewT<T>, MatrixViewT<T>, std::span<T>);          \
  template class RopeTableT<T>;                                                                   \
  template void rope_forward<T>(const RopeTableT<T>&, std::span<const SequenceSpan>,              \
                                MatrixViewT<T>);                                                  \
  template void rope_backward<T>(const RopeTableT<T>&, std::span<const SequenceSpan>,             \
                                 MatrixViewT<T>);                                                 \
  template void silu_gate_forward<T>(ConstMatrixViewT<T>, ConstMatrixViewT<T>, MatrixViewT<T>);   \
  template void silu_gate_backward<T>(ConstMatrixViewT<T>, ConstMatrixViewT<T>,                   \
                                      ConstMatrixViewT<T>, MatrixViewT<T>, MatrixViewT<T>);       \
  template void cross_entropy<T>(MatrixViewT<T>, std::span<const std::uint32_t>,                  \
                                 std::span<const T>, std::span<T>);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
