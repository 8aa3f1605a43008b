// A federation that is killed at every named moment and goes on: the final adapter is that of the
// uninterrupted run, byte for byte, and no ledger counts too little.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <map>

#include "actors/simulation.hpp"
#include "base/file.hpp"
#include "privacy/ledger/ledger.hpp"
#include "tests/support/tiny_federation.hpp"
#include "tests/testing_program/kill_switch.hpp"
#include "tests/testing_program/step_prf.hpp"

namespace hippocrypt::testing_program {
namespace {

constexpr std::size_t most_hospitals = 8, most_points = 4096;

/// Memory that a killed child and its parent both see.
struct Shared {
  std::atomic<std::size_t> points{0};
  std::array<std::atomic<std::uint32_t>, most_hospitals> drawn{};
  struct Point {
    char who[24];
    char point[32];
    std::uint64_t round;
  };
  std::array<Point, most_points> seen{};
};

class FederationCrashTest : public ::testing::Test {
 protected:
  FederationCrashTest()
      : tiny_{std::string{"fcrash_"} +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name(),
              8} {
    void* memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared_ = new (memory) Shared;
    auto& config = tiny_.config;
    config.encryption.oracle = federation::OracleKind::plain_fp32;
    config.run = {.name = "crash", .seed = 5, .rounds = 3, .steps_per_round = 1};
    config.secagg.enabled = true;
    config.rounds.heartbeat_s = 0.05;
    config.encryption.exact_channels = 0;
    config.adapter.rank = 2;
  }
  ~FederationCrashTest() override { ::munmap(shared_, sizeof(Shared)); }

  /// As many as `count`, which share the notes of three.
  void take_hospitals(std::size_t count) {
    auto& hospitals = tiny_.config.hospitals;
    for (std::size_t i = hospitals.size(); i < count; ++i) {
      auto copy = hospitals[i % 3];
      copy.name = "hospital-" + std::to_string(i);
      hospitals.push_back(std::move(copy));
    }
  }
  std::filesystem::path run_folder() const { return tiny_.folder() / "out" / "crash"; }
  Bytes adapter() const {
    return read_file(run_folder() / "adapter" / "adapter_model.safetensors", 1 << 24).value();
  }
  std::uint64_t charged(std::size_t i) const {
    const auto& name = tiny_.config.hospitals[i].name;
    const auto ledger = privacy::Ledger::open(run_folder() / "hospitals" / name / "ledger.sqlite",
                                              privacy::LedgerMode::must_exist);
    std::uint64_t steps = 0;
    if (ledger) {
      for (const auto& row : ledger->rows()) steps += row.entry.steps;
    }
    return steps;
  }
  void start_over() {
    std::filesystem::remove_all(tiny_.folder() / "out");
    for (auto& drawn : shared_->drawn) drawn = 0;
  }
  void note(const std::string& who, std::string_view point, std::uint64_t round) {
    if (point == "drawn") {
      for (std::size_t i = 0; i < tiny_.config.hospitals.size(); ++i) {
        if (tiny_.config.hospitals[i].name == who) ++shared_->drawn[i];
      }
    }
    const std::size_t at = shared_->points++;
    if (at >= most_points) return;
    auto& entry = shared_->seen[at];
    std::snprintf(entry.who, sizeof entry.who, "%s", who.c_str());
    std::snprintf(entry.point, sizeof entry.point, "%.*s", static_cast<int>(point.size()),
                  point.data());
    entry.round = round;
  }
  /// Runs or resumes in a child; true if it was killed.
  bool run(bool resume, const KillPoint& kill = {}, bool whole_process = true) {
    const pid_t child = ::fork();
    if (child == 0) {
      actors::SimulationOptions options;
      options.config = tiny_.config;
      options.runs = tiny_.folder() / "out";
      if (resume) options.resume = run_folder();
      options.random = prf_factory(7);
      options.restart_hospitals = !whole_process;
      KillSwitch kill_switch{kill, whole_process};
      options.on_point = [&](const std::string& who, std::string_view point, std::uint64_t round) {
        note(who, point, round);
        kill_switch.reach(who, point, round);
      };
      if (!whole_process && std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(2);
      const auto result = actors::simulate(options);
      if (!result) std::printf("%s\n", to_string(result.error()).c_str());
      std::fflush(stdout);
      ::_exit(result ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << kill.who << ' ' << kill.point;
    return WIFSIGNALED(status);
  }
  void expect_as(const Bytes& wanted, const std::string& what) {
    EXPECT_TRUE(std::filesystem::exists(run_folder() / "adapter")) << what;
    if (!std::filesystem::exists(run_folder() / "adapter")) return;
    EXPECT_TRUE(adapter() == wanted) << what << ": another adapter";
    for (std::size_t i = 0; i < tiny_.config.hospitals.size(); ++i) {
      const auto rows = charged(i);
      EXPECT_GE(rows, shared_->drawn[i]) << what << ": under-counted";
      EXPECT_LE(rows, std::uint64_t{tiny_.config.run.rounds} + 1) << what << ": over-counted";
    }
  }
  /// Names of the points that `who` reaches in round 2, in order, once each; with those of no
  /// round.
  std::vector<KillPoint> points_of(bool aggregator) const {
    std::map<std::string, KillPoint> found;
    std::vector<std::string> order;
    const std::size_t count = std::min<std::size_t>(shared_->points, most_points);
    for (std::size_t i = 0; i < count; ++i) {
      const auto& seen = shared_->seen[i];
      const bool is_aggregator = std::strcmp(seen.who, "aggregator") == 0;
      const bool fits = seen.round == 2 || std::strstr(seen.point, "end") != nullptr ||
                        std::strcmp(seen.point, "final adapter came") == 0;
      if (is_aggregator != aggregator || !fits) continue;
      if (found.emplace(seen.point, KillPoint{seen.who, seen.point, seen.round, 1}).second) {
        order.push_back(seen.point);
      }
    }
    std::vector<KillPoint> out;
    for (const auto& name : order) out.push_back(found[name]);
    return out;
  }

  test_support::TinyFederation tiny_;
  Shared* shared_ = nullptr;
};

TEST_F(FederationCrashTest, KilledAnywhereItEndsWithTheSameAdapter) {
  take_hospitals(8);
  ASSERT_FALSE(run(false));
  const Bytes wanted = adapter();
  auto of_aggregator = points_of(true);
  auto of_hospitals = points_of(false);
  std::size_t rotation = 0;
  for (auto& point : of_hospitals) {
    point.who = tiny_.config.hospitals[rotation++ % 8].name;
  }
  std::printf("%zu points of the aggregator, %zu of hospitals\n", of_aggregator.size(),
              of_hospitals.size());
  std::fflush(stdout);
  EXPECT_GE(of_aggregator.size() + of_hospitals.size(), 30U);
  for (const auto* points : {&of_aggregator, &of_hospitals}) {
    for (const auto& point : *points) {
      const std::string what = point.who + " killed with its process at " + point.point;
      start_over();
      EXPECT_TRUE(run(false, point)) << what;
      EXPECT_FALSE(run(true)) << what;
      expect_as(wanted, what);
    }
  }
  for (const auto& point : of_hospitals) {
    const std::string what = point.who + " died alone at " + point.point;
    start_over();
    EXPECT_FALSE(run(false, point, false)) << what;
    expect_as(wanted, what);
  }
}

TEST_F(FederationCrashTest, AnEncryptedRunEndsWithTheSameAdapter) {
  tiny_.config.encryption.oracle = federation::OracleKind::encrypted;
  tiny_.config.run.rounds = 2;
  tiny_.config.run.steps_per_round = 1;
  ASSERT_FALSE(run(false));
  const Bytes wanted = adapter();
  start_over();
  ASSERT_TRUE(run(false, {"oncology", "noised", 2, 1}));
  ASSERT_FALSE(run(true));
  expect_as(wanted, "encrypted");
}

}  // namespace
}  // namespace hippocrypt::testing_program
