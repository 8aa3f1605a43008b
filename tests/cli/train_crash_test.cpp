// A training that is killed at every stage of its steps and goes on: what was drawn is always paid
// for, and at most one lot is paid for in vain.

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

#include "cli/training/train_run.hpp"
#include "privacy/ledger/ledger.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::cli {
namespace {

using privacy::LotStage;

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t most_stages = 512;

/// Memory that a killed child and its parent both see.
struct Shared {
  std::uint64_t stages = 0;
  std::uint64_t drawn = 0;     ///< lots, over all processes
  std::uint64_t released = 0;  ///< updates that are durable
  std::array<LotStage, most_stages> seen{};
};

/// What is left of a training against what happened in it.
struct Account {
  std::uint64_t drawn = 0, charged = 0, needed = 0;
  bool is_under_counted() const { return charged < drawn; }
  bool is_over_counted() const { return charged > needed + 1; }
};

class TrainCrashTest : public testing::Test {
 protected:
  TrainCrashTest()
      : tiny_{std::string{"crash_"} +
              testing::UnitTest::GetInstance()->current_test_info()->name()} {
    void* memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared_ = new (memory) Shared;
    tiny_.config.encryption.oracle = federation::OracleKind::plain_fp32;
    tiny_.config.run = {.name = "crash", .seed = 1, .rounds = 1, .steps_per_round = 3};
    tiny_.config.training.checkpoint_every = 2;
  }
  ~TrainCrashTest() override { ::munmap(shared_, sizeof(Shared)); }

  static constexpr std::uint64_t needed = 3;
  std::filesystem::path run_folder() const { return tiny_.folder() / "out" / "crash"; }
  std::filesystem::path ledger() const {
    return run_folder() / "hospitals" / "cardiology" / "ledger.sqlite";
  }

  /// Trains in a child that is killed at stage number `dies_at`; true if it was.
  bool train_in_child(bool resume, std::uint64_t dies_at) {
    shared_->stages = 0;
    const pid_t child = ::fork();
    if (child == 0) {
      TrainOptions options;
      options.config = tiny_.config;
      options.runs = tiny_.folder() / "out";
      if (resume) options.resume = run_folder();
      options.on_stage = [this, dies_at](LotStage stage) {
        if (stage == LotStage::drawn) ++shared_->drawn;
        if (stage == LotStage::journalled) ++shared_->released;
        if (shared_->stages < most_stages) shared_->seen[shared_->stages] = stage;
        if (shared_->stages++ == dies_at) ::raise(SIGKILL);
      };
      const auto result = train(options);
      if (!result) std::fprintf(stderr, "%s\n", to_string(result.error()).c_str());
      ::_exit(result ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }

  void start_over() {
    std::filesystem::remove_all(tiny_.folder() / "out");
    *shared_ = Shared{};
  }

  Account account() const {
    const auto ledger_now = privacy::Ledger::open(ledger(), privacy::LedgerMode::must_exist);
    EXPECT_TRUE(ledger_now) << to_string(ledger_now.error());
    Account account{shared_->drawn, 0, needed};
    if (!ledger_now) return account;
    for (const auto& row : ledger_now->rows()) account.charged += row.entry.steps;
    return account;
  }

  void expect_finished() const {
    EXPECT_TRUE(std::filesystem::exists(run_folder() / "adapter" / "adapter_model.safetensors"));
    const auto record = federation::load_run_record(run_folder());
    ASSERT_TRUE(record);
    EXPECT_EQ(record->status, federation::RunStatus::finished);
    EXPECT_EQ(record->hospitals.front().steps, needed);
  }

  test_support::TinyFederation tiny_;
  Shared* shared_ = nullptr;
};

TEST_F(TrainCrashTest, KilledAtAnyStageItNeverUnderCountsAndWastesAtMostOneLot) {
  ASSERT_FALSE(train_in_child(false, never));
  const std::uint64_t points = shared_->stages;
  const auto stages = shared_->seen;
  ASSERT_EQ(account().charged, needed);
  std::printf("%llu points in a training of %llu steps:\n", static_cast<unsigned long long>(points),
              static_cast<unsigned long long>(needed));
  std::vector<bool> is_reached(privacy::all_lot_stages.size(), false);
  for (std::uint64_t at = 0; at < points; ++at) {
    is_reached[static_cast<std::size_t>(stages[at])] = true;
    std::printf("  %llu %s\n", static_cast<unsigned long long>(at),
                std::string{to_string(stages[at])}.c_str());
  }
  for (const LotStage stage : privacy::all_lot_stages) {
    EXPECT_TRUE(is_reached[static_cast<std::size_t>(stage)]) << to_string(stage);
  }
  int wasted = 0;
  for (std::uint64_t at = 0; at < points; ++at) {
    start_over();
    const std::string point = std::to_string(at) + " " + std::string{to_string(stages[at])};
    ASSERT_TRUE(train_in_child(false, at)) << point;
    EXPECT_FALSE(account().is_under_counted()) << point;
    ASSERT_FALSE(train_in_child(true, never)) << point;
    const Account after = account();
    EXPECT_FALSE(after.is_under_counted()) << point << ": " << after.drawn << " drawn";
    EXPECT_FALSE(after.is_over_counted()) << point << ": " << after.charged << " charged";
    expect_finished();
    if (after.charged == needed + 1) ++wasted;
    // What was durable is not drawn again.
    EXPECT_LE(shared_->drawn, needed + 1) << point;
    EXPECT_LE(shared_->released, needed) << point;
  }
  EXPECT_GT(wasted, 0) << "a kill between charge and release costs its lot";
}

TEST_F(TrainCrashTest, KilledAgainAndAgainItWastesOneLotEachTime) {
  ASSERT_TRUE(train_in_child(false, 7));
  int kills = 1;
  while (kills < 40 && train_in_child(true, 7)) ++kills;
  ASSERT_LT(kills, 40) << "it gets on between two kills";
  const Account after = account();
  EXPECT_FALSE(after.is_under_counted());
  EXPECT_LE(after.charged, needed + static_cast<std::uint64_t>(kills));
  expect_finished();
}

// Planted bug: a restored checkpoint brings its ledger back, too.
TEST_F(TrainCrashTest, ARefundOnRestoreIsSeenAsUnderCounting) {
  ASSERT_FALSE(train_in_child(false, never));
  const std::uint64_t points = shared_->stages;
  for (const bool refunds : {false, true}) {
    start_over();
    ASSERT_TRUE(train_in_child(false, points / 2));
    EXPECT_FALSE(account().is_under_counted());
    if (refunds) {  // as of the checkpoint at step 0
      for (const char* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(ledger().string() + suffix);
      }
      ASSERT_TRUE(privacy::Ledger::open(ledger()));
    }
    ASSERT_FALSE(train_in_child(true, never));
    EXPECT_EQ(account().is_under_counted(), refunds);
  }
}

// Planted bug: the journal is forgotten, so that every step since the checkpoint is paid for again.
TEST_F(TrainCrashTest, AForgottenJournalIsSeenAsOverCounting) {
  for (const bool forgets : {false, true}) {
    start_over();
    ASSERT_TRUE(train_in_child(false, 19));  // step 2 is released, its checkpoint not there
    ASSERT_EQ(shared_->released, 2U);
    if (forgets) std::filesystem::remove(run_folder() / "checkpoints" / "steps.journal");
    ASSERT_FALSE(train_in_child(true, never));
    EXPECT_EQ(account().is_over_counted(), forgets);
  }
}

}  // namespace
}  // namespace hippocrypt::cli
