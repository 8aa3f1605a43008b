#include "model/ops.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "base/parallel.hpp"
#include "model/numeric.hpp"
#include "model/row_kernels.hpp"

namespace hippocrypt::model {
namespace {

// No sum crosses columns or rows of these operations, so any split gives the same bits.
constexpr std::size_t columns_a_piece = 256;
constexpr std::size_t rows_a_piece = 16;

template <class T>
void normalise(ConstMatrixViewT<T> x, std::span<const T> gain, std::span<const T> inverse_rms,
               MatrixViewT<T> y) {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T* const in = x.row(r).data();
    T* const out = y.row(r).data();
    const T g = gain[r];
    for (std::size_t t = 0; t < x.cols(); ++t) out[t] = g * (in[t] * inverse_rms[t]);
  }
}

template <class T>
void inverse_root_mean_squares(ConstMatrixViewT<T> x, double epsilon, std::span<T> inverse_rms) {
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
}

}  // namespace

template <class T>
void rms_norm_forward(ConstMatrixViewT<T> x, std::span<const T> gain, double epsilon,
                      MatrixViewT<T> y, std::span<T> inverse_rms, std::size_t threads) {
  HIPPOCRYPT_CHECK(gain.size() == x.rows() && inverse_rms.size() == x.cols());
  HIPPOCRYPT_CHECK(y.rows() == x.rows() && y.cols() == x.cols());
  run_ranges(x.cols(), columns_a_piece, threads, [&](std::size_t begin, std::size_t count) {
    const auto columns = x.columns(begin, count);
    const auto inverse = inverse_rms.subspan(begin, count);
    inverse_root_mean_squares<T>(columns, epsilon, inverse);
    normalise<T>(columns, gain, inverse, y.columns(begin, count));
  });
}

template <class T>
void rms_norm_apply(ConstMatrixViewT<T> x, std::span<const T> gain, std::span<const T> inverse_rms,
                    MatrixViewT<T> y, std::size_t threads) {
  HIPPOCRYPT_CHECK(gain.size() == x.rows() && inverse_rms.size() == x.cols());
  HIPPOCRYPT_CHECK(y.rows() == x.rows() && y.cols() == x.cols());
  run_ranges(x.cols(), columns_a_piece, threads, [&](std::size_t begin, std::size_t count) {
    normalise<T>(x.columns(begin, count), gain, inverse_rms.subspan(begin, count),
                 y.columns(begin, count));
  });
}

namespace {

template <class T>
void denormalise(ConstMatrixViewT<T> x, std::span<const T> gain, std::span<const T> inverse_rms,
                 ConstMatrixViewT<T> dy, MatrixViewT<T> dx, std::span<T> dgain) {
  const std::size_t tokens = x.cols();
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

}  // namespace

template <class T>
void rms_norm_backward(ConstMatrixViewT<T> x, std::span<const T> gain,
                       std::span<const T> inverse_rms, ConstMatrixViewT<T> dy, MatrixViewT<T> dx,
                       std::span<T> dgain, std::size_t threads) {
  HIPPOCRYPT_CHECK(gain.size() == x.rows() && inverse_rms.size() == x.cols());
  HIPPOCRYPT_CHECK(dy.rows() == x.rows() && dy.cols() == x.cols());
  HIPPOCRYPT_CHECK(dx.rows() == x.rows() && dx.cols() == x.cols());
  HIPPOCRYPT_CHECK(dgain.empty() || dgain.size() == x.rows());
  if (!dgain.empty()) return denormalise<T>(x, gain, inverse_rms, dy, dx, dgain);
  run_ranges(x.cols(), columns_a_piece, threads, [&](std::size_t begin, std::size_t count) {
    denormalise<T>(x.columns(begin, count), gain, inverse_rms.subspan(begin, count),
                   dy.columns(begin, count), dx.columns(begin, count), {});
  });
}

namespace {

double llama3_frequency(const RopeScaling& scaling, double frequency) {
  const double turns = scaling.original_context * frequency / (2.0 * std::numbers::pi);
  if (turns > scaling.high_frequency) return frequency;
  if (turns < scaling.low_frequency) return frequency / scaling.factor;
  const double kept =
      (turns - scaling.low_frequency) / (scaling.high_frequency - scaling.low_frequency);
  return (1.0 - kept) * frequency / scaling.factor + kept * frequency;
}

}  // namespace

double rope_frequency(const ModelLiteral& config, std::size_t pair) {
  const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(config.head_dim);
  const double frequency = std::pow(config.rope_theta, exponent);
  const RopeScaling& scaling = config.rope_scaling;
  switch (scaling.kind) {
    case RopeScalingKind::none:
      return frequency;
    case RopeScalingKind::linear:
      return frequency / scaling.factor;
    case RopeScalingKind::llama3:
      return llama3_frequency(scaling, frequency);
    case RopeScalingKind::factors:
      return frequency / static_cast<double>(scaling.divisors.at(pair));
  }
  check_failed(__FILE__, __LINE__, "rope scaling kind");
}

namespace {

enum class Direction : bool { forward, backward };

template <class T>
void rotate(const RopeTableT<T>& table, std::span<const SequenceSpan> sequences, MatrixViewT<T> x,
            Direction direction, std::size_t threads) {
  const std::size_t half = table.half();
  HIPPOCRYPT_CHECK(x.rows() % (2 * half) == 0);
  const T sign = direction == Direction::forward ? T{1} : T{-1};
  run_ranges(x.rows(), 2 * half, threads, [&](std::size_t head, std::size_t) {
    for (std::size_t i = 0; i < half; ++i) {
      const T* const cosine = table.cosine(i).data();
      const T* const sine = table.sine(i).data();
      for (const SequenceSpan& span : sequences) {
        T* const first = x.row(head + i).data() + span.begin;
        T* const second = x.row(head + half + i).data() + span.begin;
        const T* const c = cosine + span.past;
        const T* const s = sine + span.past;
        for (std::size_t p = 0; p < span.count; ++p) {
          const T a = first[p];
          const T b = second[p];
          const T signed_sine = sign * s[p];
          first[p] = a * c[p] - b * signed_sine;
          second[p] = b * c[p] + a * signed_sine;
        }
      }
    }
  });
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
                  MatrixViewT<T> x, std::size_t threads) {
  rotate(table, sequences, x, Direction::forward, threads);
}

template <class T>
void rope_backward(const RopeTableT<T>& table, std::span<const SequenceSpan> sequences,
                   MatrixViewT<T> dx, std::size_t threads) {
  rotate(table, sequences, dx, Direction::backward, threads);
}

template <class T>
void silu_gate_forward(ConstMatrixViewT<T> gate, ConstMatrixViewT<T> up, MatrixViewT<T> out,
                       std::size_t threads) {
  HIPPOCRYPT_CHECK(gate.rows() == up.rows() && gate.cols() == up.cols());
  HIPPOCRYPT_CHECK(gate.rows() == out.rows() && gate.cols() == out.cols());
  run_ranges(gate.rows(), rows_a_piece, threads, [&](std::size_t begin, std::size_t count) {
    for (std::size_t r = begin; r < begin + count; ++r) {
      row_kernels::silu_gate(gate.row(r).data(), up.row(r).data(), out.row(r).data(), gate.cols());
    }
  });
}

template <class T>
void silu_gate_backward(ConstMatrixViewT<T> gate, ConstMatrixViewT<T> up, ConstMatrixViewT<T> dout,
                        MatrixViewT<T> dgate, MatrixViewT<T> dup, std::size_t threads) {
  HIPPOCRYPT_CHECK(gate.rows() == up.rows() && gate.cols() == up.cols());
  HIPPOCRYPT_CHECK(gate.rows() == dout.rows() && gate.cols() == dout.cols());
  HIPPOCRYPT_CHECK(gate.rows() == dgate.rows() && gate.cols() == dgate.cols());
  HIPPOCRYPT_CHECK(gate.rows() == dup.rows() && gate.cols() == dup.cols());
  run_ranges(gate.rows(), rows_a_piece, threads, [&](std::size_t begin, std::size_t count) {
    for (std::size_t r = begin; r < begin + count; ++r) {
      row_kernels::silu_gate_backward(gate.row(r).data(), up.row(r).data(), dout.row(r).data(),
                                      dgate.row(r).data(), dup.row(r).data(), gate.cols());
    }
  });
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                                 \
  template void rms_norm_forward<T>(ConstMatrixViewT<T>, std::span<const T>, double,              \
                                    MatrixViewT<T>, std::span<T>, std::size_t);                   \
  template void rms_norm_apply<T>(ConstMatrixViewT<T>, std::span<const T>, std::span<const T>,    \
                                  MatrixViewT<T>, std::size_t);                                   \
  template void rms_norm_backward<T>(ConstMatrixViewT<T>, std::span<const T>, std::span<const T>, \
                                     ConstMatrixViewT<T>, MatrixViewT<T>, std::span<T>,           \
                                     std::size_t);                                                \
  template class RopeTableT<T>;                                                                   \
  template void rope_forward<T>(const RopeTableT<T>&, std::span<const SequenceSpan>,              \
                                MatrixViewT<T>, std::size_t);                                     \
  template void rope_backward<T>(const RopeTableT<T>&, std::span<const SequenceSpan>,             \
                                 MatrixViewT<T>, std::size_t);                                    \
  template void silu_gate_forward<T>(ConstMatrixViewT<T>, ConstMatrixViewT<T>, MatrixViewT<T>,    \
                                     std::size_t);                                                \
  template void silu_gate_backward<T>(ConstMatrixViewT<T>, ConstMatrixViewT<T>,                   \
                                      ConstMatrixViewT<T>, MatrixViewT<T>, MatrixViewT<T>,        \
                                      std::size_t);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
