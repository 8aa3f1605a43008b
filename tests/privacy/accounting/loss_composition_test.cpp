#include "privacy/accounting/loss_composition.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

constexpr double spacing = 0x1p-6;

/// The convolution by its definition, all terms positive.
LossPmf convolve(const LossPmf& a, const LossPmf& b) {
  LossPmf sum{a.spacing, a.first + b.first,
              std::vector<double>(a.mass.size() + b.mass.size() - 1, 0.0),
              a.infinite_mass + b.infinite_mass};
  for (std::size_t i = 0; i < a.mass.size(); ++i) {
    for (std::size_t j = 0; j < b.mass.size(); ++j) sum.mass[i + j] += a.mass[i] * b.mass[j];
  }
  return sum;
}

Result<ComposedLoss> compose(const std::vector<LossTerm>& terms, double delta) {
  RealFft fft;
  return ComposedLoss::compose(terms, delta, fft);
}

double delta_of(const LossPmf& pmf, double epsilon) {
  double sum = pmf.infinite_mass;
  for (std::size_t i = 0; i < pmf.mass.size(); ++i) {
    if (pmf.loss(i) > epsilon) sum -= pmf.mass[i] * std::expm1(epsilon - pmf.loss(i));
  }
  return sum;
}

TEST(ComposedLoss, IsTheConvolutionWithATinyMargin) {
  const LossPmfs first = discretise_loss({0.3, 1.0}, {spacing, 12.0});
  const LossPmfs second = discretise_loss({0.1, 0.8}, {spacing, 12.0});
  for (const auto& [a, b] :
       {std::pair{&first.remove, &second.remove}, std::pair{&first.add, &second.add}}) {
    const LossPmf twice = convolve(*a, *a);
    const LossPmf exact = convolve(convolve(twice, *a), convolve(*b, *b));
    const std::vector<LossTerm> terms{{a, 3}, {b, 2}};
    // Also where a plain FFT would have nothing but rounding errors.
    for (const double delta : {0.1, 1e-3, 1e-6, 1e-12, 1e-18, 1e-24}) {
      // The loss of adding ends at -log(1 - q), where an ulp of epsilon is more than such a delta.
      if (a == &first.add && delta < 1e-12) continue;
      const Result<ComposedLoss> composed = compose(terms, delta);
      ASSERT_TRUE(composed.has_value());
      const double epsilon = composed->epsilon(delta);
      ASSERT_GT(epsilon, 0.0);
      EXPECT_LE(delta_of(exact, epsilon), delta);
      EXPECT_GE(delta_of(exact, epsilon), delta * (1.0 - 1e-7));
      EXPECT_NEAR(composed->delta(epsilon) / delta, 1.0, 1e-9);
      EXPECT_GE(composed->delta(0.9 * epsilon), delta_of(exact, 0.9 * epsilon));
    }
  }
}

TEST(ComposedLoss, CountsInfiniteMassInEveryStep) {
  LossPmfs pmfs = discretise_loss({0.3, 2.0}, {spacing, 12.0});
  pmfs.remove.infinite_mass = 1e-6;
  const std::vector<LossTerm> terms{{&pmfs.remove, 20}};
  const Result<ComposedLoss> composed = compose(terms, 1e-4);
  ASSERT_TRUE(composed.has_value());
  EXPECT_TRUE(std::isinf(composed->epsilon(1.9e-5)));
  EXPECT_FALSE(std::isinf(composed->epsilon(2.1e-5)));
  EXPECT_GE(composed->delta(100.0), 2e-5);
}

TEST(ComposedLoss, IsOneBelowItsWindowAndNeverBelowZeroEpsilon) {
  const LossPmfs pmfs = discretise_loss({0.3, 2.0}, {spacing, 12.0});
  const std::vector<LossTerm> terms{{&pmfs.remove, 2}};
  const Result<ComposedLoss> composed = compose(terms, 1e-5);
  ASSERT_TRUE(composed.has_value());
  EXPECT_EQ(composed->delta(-100.0), 1.0);
  EXPECT_EQ(composed->epsilon(0.9), 0.0);
}

TEST(ComposedLoss, RefusesWhatIsTooLargeInOneSentence) {
  const LossPmfs pmfs = discretise_loss({0.3, 1.0}, {0x1p-12, 12.0});
  const std::vector<LossTerm> many{{&pmfs.remove, 100'000'000}};
  const auto too_wide = compose(many, 1e-5);
  ASSERT_FALSE(too_wide.has_value());
  EXPECT_EQ(too_wide.error().code, Errc::limit_exceeded);
  EXPECT_NE(too_wide.error().detail.find("cells"), std::string::npos);
  const std::vector<LossTerm> most{{&pmfs.remove, std::uint64_t{1} << 40U}};
  const auto too_many = compose(most, 1e-5);
  ASSERT_FALSE(too_many.has_value());
  EXPECT_EQ(too_many.error().code, Errc::limit_exceeded);
  EXPECT_NE(too_many.error().detail.find("RDP"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::privacy
