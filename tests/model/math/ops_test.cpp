#include "model/ops.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numbers>

#include "base/cpu.hpp"
#include "math_support.hpp"
#include "model/numeric.hpp"
#include "model/row_kernels.hpp"

namespace hippocrypt::model {
namespace {

TEST(Exponential, AgreesWithTheStandardLibraryWithinTwoUlp) {
  for (int i = -86999; i <= 87999; i += 7) {
    const float x = static_cast<float>(i) * 1e-3F;
    const double expected = std::exp(static_cast<double>(x));
    EXPECT_NEAR(static_cast<double>(exponential(x)) / expected, 1.0, 2.4e-7) << x;
  }
}

TEST(Exponential, ClampsAndKeepsNaN) {
  EXPECT_GT(exponential(-1e30F), 0.0F);
  EXPECT_LT(exponential(-1e30F), 1e-37F);
  EXPECT_TRUE(std::isfinite(exponential(std::numeric_limits<float>::infinity())));
  EXPECT_TRUE(std::isnan(exponential(std::numeric_limits<float>::quiet_NaN())));
}

TEST(AllFinite, SeesOneBadEntryInEveryType) {
  MatrixT<double> x = random_matrix(3, 9, "finite");
  EXPECT_TRUE(all_finite<double>(x.view()));
  EXPECT_TRUE(all_finite(ConstMatrixView{as<float>(x)}));
  x(2, 8) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(all_finite<double>(x.view()));
  EXPECT_FALSE(all_finite<Complex>(as<Complex>(x).view()));
  EXPECT_FALSE(all_finite(ConstMatrixView{as<float>(x)}));
  x(2, 8) = -std::numeric_limits<double>::infinity();
  EXPECT_FALSE(all_finite(ConstMatrixView{as<float>(x)}));
}

/// Every instruction set that the machine has, on lengths with and without a rest.
TEST(RowKernels, GiveTheSameBitsOnEveryInstructionSet) {
  constexpr std::size_t n = 77;
  const Matrix in = as<float>(random_matrix(3, n, "rows", 3.0));
  const float* const gate = in.row(0).data();
  const float* const up = in.row(1).data();
  const float* const dout = in.row(2).data();
  const auto run = [&](auto exponentials, auto silu_gate, auto silu_gate_backward) {
    std::vector<std::vector<float>> out(5, std::vector<float>(n));
    out[0].assign(gate, gate + n);
    exponentials(out[0].data(), up, 0.25F, out[1].data(), n);
    silu_gate(gate, up, out[2].data(), n);
    silu_gate_backward(gate, up, dout, out[3].data(), out[4].data(), n);
    return out;
  };
  namespace k = row_kernels;
  const auto expected =
      run(k::portable::exponentials, k::portable::silu_gate, k::portable::silu_gate_backward);
  EXPECT_EQ(expected[0][3], exponential(0.25F * (gate[3] - up[3])));
  if (machine_simd_level() >= SimdLevel::avx2) {
    EXPECT_EQ(run(k::avx2::exponentials, k::avx2::silu_gate, k::avx2::silu_gate_backward),
              expected);
  }
  if (machine_simd_level() >= SimdLevel::avx512) {
    EXPECT_EQ(run(k::avx512::exponentials, k::avx512::silu_gate, k::avx512::silu_gate_backward),
              expected);
  }
}

struct Normed {
  MatrixT<Complex> y;
  std::vector<Complex> inverse_rms;
};

Normed norm(const MatrixT<Complex>& x, const std::vector<Complex>& gain) {
  Normed out{MatrixT<Complex>{x.rows(), x.cols()}, std::vector<Complex>(x.cols())};
  rms_norm_forward<Complex>(x, gain, 1e-5, out.y.view(), out.inverse_rms);
  return out;
}

TEST(RmsNorm, ForwardIsTheFormula) {
  const MatrixT<double> x = random_matrix(6, 3, "x");
  const std::vector<double> gain{1.0, 0.5, 2.0, -1.0, 0.0, 3.0};
  MatrixT<double> y{6, 3};
  std::vector<double> inverse(3);
  rms_norm_forward<double>(x, gain, 0.1, y.view(), inverse);
  for (std::size_t t = 0; t < 3; ++t) {
    double sum = 0.0;
    for (std::size_t r = 0; r < 6; ++r) sum += x(r, t) * x(r, t);
    for (std::size_t r = 0; r < 6; ++r) {
      EXPECT_NEAR(y(r, t), gain[r] * x(r, t) / std::sqrt(sum / 6.0 + 0.1), 1e-14);
    }
  }
  MatrixT<double> again{6, 3};
  rms_norm_apply<double>(x, gain, inverse, again.view());
  EXPECT_TRUE(std::equal(y.values().begin(), y.values().end(), again.values().begin()));
}

TEST(RmsNorm, BackwardAgreesWithComplexStep) {
  const MatrixT<double> x = random_matrix(6, 5, "x");
  const std::vector<double> gain{1.0, 0.5, 2.0, -1.0, 0.3, 3.0};
  const MatrixT<double> c = random_matrix(6, 5, "c");
  MatrixT<double> y{6, 5};
  std::vector<double> inverse(5);
  rms_norm_forward<double>(x, gain, 1e-5, y.view(), inverse);
  MatrixT<double> dx{6, 5};
  std::vector<double> dgain(6);
  rms_norm_backward<double>(x, gain, inverse, c, dx.view(), dgain);

  MatrixT<Complex> xc = as<Complex>(x);
  std::vector<Complex> gc = as<Complex>(gain);
  const auto loss = [&] { return weighted_sum(c, norm(xc, gc).y); };
  expect_gradient(xc.values(), dx.values(), loss);
  expect_gradient(gc, dgain, loss);
}

TEST(RmsNorm, BackwardAddsToWhatIsThere) {
  const MatrixT<double> x = random_matrix(4, 3, "x");
  const std::vector<double> gain(4, 1.0);
  MatrixT<double> y{4, 3};
  std::vector<double> inverse(3);
  rms_norm_forward<double>(x, gain, 1e-5, y.view(), inverse);
  MatrixT<double> once{4, 3};
  rms_norm_backward<double>(x, gain, inverse, y, once.view(), {});
  MatrixT<double> twice = once;
  rms_norm_backward<double>(x, gain, inverse, y, twice.view(), {});
  for (std::size_t i = 0; i < once.size(); ++i) {
    EXPECT_DOUBLE_EQ(twice.values()[i], 2.0 * once.values()[i]);
  }
}

ModelConfig rope_config(double factor) {
  ModelLiteral literal = tiny_literal();
  literal.head_dim = 8;
  literal.rope_theta = 100.0;
  literal.rope_scaling = {RopeScalingKind::llama3, factor, 1.0, 4.0, 20.0, {}};
  return config_of(literal);
}

TEST(Rope, RotatesPairsHalfAHeadApartByTheirFrequency) {
  const ModelConfig config = rope_config(1.0);
  const RopeTableT<double> table{config, 6};
  MatrixT<double> x = random_matrix(16, 9, "x");
  const MatrixT<double> before = x;
  const std::vector<SequenceSpan> sequences{{0, 3}, {4, 5}};  // token 3 is a dummy
  rope_forward<double>(table, sequences, x.view());
  for (std::size_t t = 0; t < 9; ++t) {
    const double position = t < 3 ? static_cast<double>(t) : static_cast<double>(t) - 4.0;
    for (std::size_t head = 0; head < 2; ++head) {
      for (std::size_t i = 0; i < 4; ++i) {
        const double angle = t == 3 ? 0.0 : position * std::pow(100.0, -2.0 * double(i) / 8.0);
        const double a = before(head * 8 + i, t);
        const double b = before(head * 8 + 4 + i, t);
        EXPECT_NEAR(x(head * 8 + i, t), a * std::cos(angle) - b * std::sin(angle), 1e-14);
        EXPECT_NEAR(x(head * 8 + 4 + i, t), b * std::cos(angle) + a * std::sin(angle), 1e-14);
      }
    }
  }
}

TEST(Rope, BackwardIsTheTransposedRotation) {
  const RopeTableT<double> table{rope_config(1.0), 8};
  const std::vector<SequenceSpan> sequences{{0, 3}, {3, 5}};
  MatrixT<double> x = random_matrix(8, 8, "x");
  MatrixT<double> c = random_matrix(8, 8, "c");
  const MatrixT<double> x0 = x;
  const MatrixT<double> c0 = c;
  rope_forward<double>(table, sequences, x.view());
  rope_backward<double>(table, sequences, c.view());
  double left = 0.0;
  double right = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    left += x.values()[i] * c0.values()[i];
    right += x0.values()[i] * c.values()[i];
  }
  EXPECT_NEAR(left, right, 1e-12);
}

TEST(Rope, ScalingKeepsFastPairsAndStretchesSlowOnes) {
  const RopeTableT<double> plain{rope_config(1.0), 2};
  const RopeTableT<double> scaled{rope_config(8.0), 2};
  // Turns within 20 tokens: 20·100^(-i/4)/(2π) = 3.18, 1.007, 0.318, 0.1: none above 4, two
  // below 1.
  for (std::size_t i = 0; i < 4; ++i) {
    const double frequency = std::pow(100.0, -2.0 * double(i) / 8.0);
    const double turns = 20.0 * frequency / (2.0 * std::numbers::pi);
    const double kept = std::clamp((turns - 1.0) / 3.0, 0.0, 1.0);
    const double expected = frequency * (kept + (1.0 - kept) / 8.0);
    EXPECT_NEAR(std::asin(scaled.sine(i)[1]), expected, 1e-12) << i;
    EXPECT_NEAR(std::cos(frequency), plain.cosine(i)[1], 1e-15);
  }
}

TEST(Rope, LinearScalingAndDivisorsStretchByTheirFactors) {
  ModelLiteral literal = rope_config(1.0).literal();
  literal.rope_scaling = {RopeScalingKind::linear, 4.0, 1.0, 4.0, 8192.0, {}};
  const RopeTableT<double> linear{config_of(literal), 2};
  literal.rope_scaling = {RopeScalingKind::factors, 1.0, 1.0, 4.0, 8192.0,
                          {1.0F, 2.0F, 4.0F, 8.0F}};
  const RopeTableT<double> divided{config_of(literal), 2};
  for (std::size_t i = 0; i < 4; ++i) {
    const double frequency = std::pow(100.0, -2.0 * double(i) / 8.0);
    EXPECT_NEAR(std::asin(linear.sine(i)[1]), frequency / 4.0, 1e-12) << i;
    EXPECT_NEAR(std::asin(divided.sine(i)[1]), frequency / double(1U << i), 1e-9) << i;
  }
}

TEST(SiluGate, BackwardAgreesWithComplexStep) {
  const MatrixT<double> gate = random_matrix(3, 7, "gate", 2.0);
  const MatrixT<double> up = random_matrix(3, 7, "up");
  const MatrixT<double> c = random_matrix(3, 7, "c");
  MatrixT<double> dgate{3, 7};
  MatrixT<double> dup{3, 7};
  silu_gate_backward<double>(gate, up, c, dgate.view(), dup.view());
  MatrixT<Complex> gc = as<Complex>(gate);
  MatrixT<Complex> uc = as<Complex>(up);
  const auto loss = [&] {
    MatrixT<Complex> y{3, 7};
    silu_gate_forward<Complex>(gc, uc, y.view());
    return weighted_sum(c, y);
  };
  expect_gradient(gc.values(), dgate.values(), loss);
  expect_gradient(uc.values(), dup.values(), loss);
}

TEST(SiluGate, StaysFiniteForLargeGates) {
  Matrix gate{1, 2};
  gate(0, 0) = -1e4F;
  gate(0, 1) = 1e4F;
  Matrix up{1, 2};
  up(0, 0) = up(0, 1) = 1.0F;
  Matrix out{1, 2};
  silu_gate_forward<float>(gate, up, out.view());
  EXPECT_NEAR(out(0, 0), 0.0F, 1e-30F);
  EXPECT_FLOAT_EQ(out(0, 1), 1e4F);
}

}  // namespace
}  // namespace hippocrypt::model
