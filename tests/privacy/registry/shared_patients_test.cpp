// The engine on data sets that share patients.

#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include <gtest/gtest.h>

#include "privacy/dp_sgd/privacy_engine.hpp"
#include "tests/privacy/registry/registry_fixture.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

/// A run on a data set, with all that it needs.
struct Site {
  Site(std::shared_ptr<DatasetAccount> of, const EnrolledPatients& set, const std::string& run,
       PrivacyUnit unit = PrivacyUnit::patient)
      : account{std::move(of)}, ledger{account->open_ledger().value()} {
    const DpSgdParams params{.sampling_rate = 0.02,
                             .noise_multiplier = 1.0,
                             .clip = 0.5,
                             .expected_lot = 10.0,
                             .delta = 1e-5,
                             .budget = 2.0,
                             .overflow_probability = 0.0};
    auto made = PrivacyEngine::create(
        params, ledger, {set.fingerprint, unit, set.patients.size(), account},
        {run, set.hospital, "0.1.0"}, sampler, noise, [] { return std::int64_t{0}; });
    if (made.has_value()) {
      engine.emplace(std::move(*made));
    } else {
      refused = made.error();
    }
  }

  /// Errors: those of begin_round and next_lot.
  Status spend(std::uint64_t steps) {
    HIPPOCRYPT_TRY(auto round, engine->begin_round(1, steps));
    std::vector<float> out(1);
    while (round.steps_left() > 0) {
      HIPPOCRYPT_TRY(const auto lot, round.next_lot());
      round.privatize(round.accumulator(1), out);
    }
    return {};
  }
  double epsilon() { return engine->status(1).spent.rdp.epsilon; }
  std::uint64_t lots_left() { return engine->status(1).rounds_that_fit; }

  std::shared_ptr<DatasetAccount> account;
  Ledger ledger;
  SeededUniformSource sampler{SeededSequence{1, "sampler"}};
  test_support::SeededRandom noise{2};
  std::optional<PrivacyEngine> engine;
  std::optional<Error> refused;
};

using SharedPatientsTest = RegistryTest;

double epsilon_of(std::uint64_t steps) {
  const SampledGaussian event{0.02, 1.0, steps};
  return rdp_epsilon({&event, 1}, 1e-5).epsilon;
}

TEST_F(SharedPatientsTest, ARunStartsWhereTheLastOnTheSamePatientsEnded) {
  const auto first = patients({"1", "2", "3"}, 1);
  {
    Site site{enroll(first), first, "first"};
    ASSERT_TRUE(site.spend(20).has_value());
  }
  const auto changed = patients({"2", "3", "4"}, 2, "elsewhere");
  Site site{enroll(changed), changed, "second"};
  EXPECT_EQ(site.epsilon(), epsilon_of(20));
  ASSERT_TRUE(site.spend(5).has_value());
  EXPECT_EQ(site.epsilon(), epsilon_of(25));
  const auto others = patients({"7"}, 3, "others");
  Site third{enroll(others), others, "third"};
  EXPECT_EQ(third.epsilon(), 0.0);
}

TEST_F(SharedPatientsTest, CountsADataSetThatIsEnrolledWhileARoundIsUnderWay) {
  const auto first = patients({"1", "2"}, 1), second = patients({"2", "3"}, 2, "second");
  Site mine{enroll(first), first, "mine"};
  const std::uint64_t fit = mine.lots_left();
  auto round = mine.engine->begin_round(1, fit);  // all that is left
  ASSERT_TRUE(round.has_value());
  std::vector<float> out(1);
  ASSERT_TRUE(round->next_lot().has_value());
  round->privatize(round->accumulator(1), out);
  Site theirs{enroll(second), second, "theirs"};
  EXPECT_EQ(theirs.epsilon(), epsilon_of(1));
  ASSERT_TRUE(theirs.spend(10).has_value());
  std::uint64_t taken = 1;
  Status refused;
  while (refused.has_value()) {
    const auto lot = round->next_lot();
    if (lot.has_value()) {
      round->privatize(round->accumulator(1), out);
      ++taken;
    } else {
      refused = lot.error();
    }
  }
  EXPECT_EQ(refused.error().code, Errc::budget_exhausted);
  EXPECT_EQ(taken, fit - 10);
  EXPECT_LE(mine.engine->status(1).spent.epsilon, 2.0);
}

TEST_F(SharedPatientsTest, TwoProcessesTogetherStayWithinTheBudget) {
  const auto probe = patients({"99"}, 9, "probe");
  const std::uint64_t fit = Site{enroll(probe), probe, "probe"}.lots_left();
  std::vector<pid_t> children;
  for (std::uint8_t process = 1; process <= 2; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      // Each has patients of its own, and patient 1.
      const std::string name = std::to_string(process);
      const auto set = patients({"1", "own-" + name}, process, "of-" + name);
      Site site{enroll(set), set, "process-" + name};
      Status status;
      while (status.has_value()) status = site.spend(1);
      ::_exit(status.error().code == Errc::budget_exhausted ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(counted(patients({"1"}, 10, "look")), fit);
}

TEST_F(SharedPatientsTest, AnotherUnitOnTheSamePatientsIsRefused) {
  const auto first = patients({"1"}, 1), second = patients({"1"}, 2, "second");
  {
    Site site{enroll(first), first, "first"};
    ASSERT_TRUE(site.spend(1).has_value());
  }
  const Site notes{enroll(second), second, "second", PrivacyUnit::note};
  ASSERT_TRUE(notes.refused.has_value());
  EXPECT_EQ(notes.refused->code, Errc::mismatch);
}

}  // namespace
}  // namespace hippocrypt::privacy
