#include "privacy/dp_sgd/poisson_sampler.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

/// Says the words that it is told to say.
class ScriptedSource final : public UniformSource {
 public:
  explicit ScriptedSource(std::vector<std::uint64_t> words) : words_{std::move(words)} {}
  std::uint64_t next_u64() override { return words_.at(next_++); }
  std::string_view name() const override { return "scripted"; }
  std::size_t used() const { return next_; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t next_ = 0;
};

TEST(PoissonSampler, ComparesWordsWithTheThreshold) {
  const std::uint64_t quarter = std::uint64_t{1} << 62;
  ScriptedSource source{{quarter - 1, quarter, 0, UINT64_MAX}};
  const PoissonSampler sampler{4, 0.25};
  EXPECT_EQ(sampler.draw(source), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(source.used(), 4U);
}

TEST(PoissonSampler, AlwaysIncludesAtRateOne) {
  ScriptedSource source{{UINT64_MAX, UINT64_MAX, 0}};
  EXPECT_EQ(PoissonSampler(3, 1.0).draw(source), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(PoissonSampler, HandlesTheRatesNextToTheEnds) {
  const double below_one = std::nextafter(1.0, 0.0);
  ScriptedSource high{{UINT64_MAX, UINT64_MAX - 2048, UINT64_MAX - 2047}};
  EXPECT_EQ(PoissonSampler(3, below_one).draw(high), (std::vector<std::size_t>{1}));
  ScriptedSource low{{0, 1}};
  EXPECT_TRUE(
      PoissonSampler(2, 1e-30).draw(low).empty());  // below 2^-64: never, which costs nothing
}

TEST(PoissonSampler, MayDrawAnEmptyLot) {
  ScriptedSource source{{UINT64_MAX, UINT64_MAX}};
  EXPECT_TRUE(PoissonSampler(2, 0.5).draw(source).empty());
}

TEST(UniformSource, NamesWhatTheLedgerMustKnow) {
  SystemRandom system;
  test_support::SeededRandom seeded{1};
  EXPECT_EQ(SecretUniformSource{system}.name(), "system_random");
  EXPECT_EQ(SecretUniformSource{seeded}.name(), "injected_random");
  SeededUniformSource simulation{SeededSequence{1, "sampling"}};
  EXPECT_EQ(simulation.name(), "seeded_simulation");
  SeededSequence same{1, "sampling"};
  EXPECT_EQ(simulation.next_u64(), same.next_u64());
}

TEST(PoissonSamplerDeathTest, RefusesRatesOutsideTheRange) {
  EXPECT_DEATH(PoissonSampler(3, 0.0), "q must lie");
  EXPECT_DEATH(PoissonSampler(3, 1.01), "q must lie");
  EXPECT_DEATH(PoissonSampler(3, std::nan("")), "q must lie");
}

}  // namespace
}  // namespace hippocrypt::privacy
