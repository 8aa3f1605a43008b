// Statistical tests of the sampler, with fixed seeds. Bounds are at least five standard deviations;
// with a fresh seed a correct sampler fails one of the 4,950 pairs of the second test with
// probability 3e-3.

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "privacy/dp_sgd/poisson_sampler.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t units = 100;
constexpr double q = 0.12;
constexpr int lots = 40'000;

struct Counts {
  std::vector<double> single = std::vector<double>(units, 0.0);
  std::vector<double> pair = std::vector<double>(units * units, 0.0);
  double size_sum = 0.0;
  double size_squares = 0.0;
};

const Counts& counts() {
  static const Counts result = [] {
    Counts c;
    SeededUniformSource source{SeededSequence{21, "sampler statistics"}};
    const PoissonSampler sampler{units, q};
    for (int i = 0; i < lots; ++i) {
      const auto lot = sampler.draw(source);
      for (std::size_t a = 0; a < lot.size(); ++a) {
        c.single[lot[a]] += 1.0;
        for (std::size_t b = a + 1; b < lot.size(); ++b) c.pair[lot[a] * units + lot[b]] += 1.0;
      }
      const auto size = static_cast<double>(lot.size());
      c.size_sum += size;
      c.size_squares += size * size;
    }
    return c;
  }();
  return result;
}

TEST(PoissonSamplerStatistics, IncludesEveryUnitWithProbabilityQ) {
  for (const double count : counts().single) {
    EXPECT_NEAR(count, lots * q, 5.0 * std::sqrt(lots * q * (1.0 - q)));
  }
}

TEST(PoissonSamplerStatistics, IncludesEveryPairWithProbabilityQSquared) {
  // Drawing a size first and then units without replacement fails here.
  const double p = q * q;
  double all = 0.0;
  for (std::size_t a = 0; a < units; ++a) {
    for (std::size_t b = a + 1; b < units; ++b) {
      const double count = counts().pair[a * units + b];
      EXPECT_NEAR(count, lots * p, 5.0 * std::sqrt(lots * p * (1.0 - p))) << a << " " << b;
      all += count;
    }
  }
  // All pairs together: the variance of S(S-1)/2 for a binomial S is 4,950 p (1 - p) plus
  // 2 * 3 * C(100, 3) * (q^3 - q^4) from pairs that share a unit.
  const double pairs = units * (units - 1) / 2.0;
  const double triples = units * (units - 1) * (units - 2) / 6.0;
  const double variance = pairs * p * (1.0 - p) + 6.0 * triples * (q * p - p * p);
  EXPECT_NEAR(all, lots * pairs * p, 5.0 * std::sqrt(lots * variance));
}

TEST(PoissonSamplerStatistics, DrawsLotsWithTheBinomialVariance) {
  const double mean = counts().size_sum / lots;
  const double variance = counts().size_squares / lots - mean * mean;
  const double expected = units * q * (1.0 - q);
  EXPECT_NEAR(mean, units * q, 5.0 * std::sqrt(expected / lots));
  EXPECT_NEAR(variance, expected, 5.0 * expected * std::sqrt(2.0 / lots));
}

}  // namespace
}  // namespace hippocrypt::privacy
