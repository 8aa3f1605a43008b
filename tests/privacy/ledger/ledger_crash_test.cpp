// What a killed process leaves behind, and what concurrent ones make.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include <gtest/gtest.h>

#include "privacy/ledger/ledger.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

/// Runs `body` in a child process that never returns from it.
pid_t in_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(99);
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

TEST_F(LedgerTest, KeepsARowThoughTheProcessExitsAtOnce) {
  make_ledger(2);
  const int status = wait_for(in_child([this] {
    auto ledger = Ledger::open(path_);
    ::_exit(ledger.has_value() && ledger->charge(sample_entry(3)).has_value() ? 0 : 1);
  }));
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  Ledger ledger = open_or_die(LedgerMode::must_exist);
  ASSERT_EQ(ledger.rows().size(), 3U);
  EXPECT_EQ(ledger.rows()[2].entry.round, 3U);
  EXPECT_TRUE(ledger.charge(sample_entry(4)).has_value());
}

TEST_F(LedgerTest, KeepsARowThoughTheProcessIsKilledAtOnce) {
  const int status = wait_for(in_child([this] {
    auto ledger = Ledger::open(path_);
    if (ledger.has_value() && ledger->charge(sample_entry(1)).has_value()) ::raise(SIGKILL);
  }));
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  EXPECT_EQ(open_or_die(LedgerMode::must_exist).rows().size(), 1U);
}

TEST_F(LedgerTest, NeverLosesAChargeThatReturnedWhereverItIsKilled) {
  // The child says each round through a pipe as soon as charge() has returned, until it is killed
  // at an arbitrary point of a later charge. Every round that was said must be in the ledger.
  for (int trial = 0; trial < 8; ++trial) {
    const std::size_t before = std::filesystem::exists(path_) ? open_or_die().rows().size() : 0;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = in_child([&] {
      ::close(ends[0]);
      auto ledger = Ledger::open(path_);
      if (!ledger.has_value()) ::_exit(1);
      for (std::uint64_t round = 0;; ++round) {
        if (!ledger->charge(sample_entry(round)).has_value()) ::_exit(2);
        const char said = 1;
        if (::write(ends[1], &said, 1) != 1) ::_exit(3);
      }
    });
    ::close(ends[1]);
    std::size_t said = 0;
    char byte = 0;
    const auto wanted = static_cast<std::size_t>(1 + 3 * trial);
    while (said < wanted && ::read(ends[0], &byte, 1) == 1) ++said;
    ::kill(child, SIGKILL);
    while (::read(ends[0], &byte, 1) == 1) ++said;
    ::close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(wait_for(child)));
    const std::size_t after = open_or_die(LedgerMode::must_exist).rows().size();
    EXPECT_GE(after, before + said);
    EXPECT_LE(after, before + said + 1);  // one charge may have been made and not said
  }
}

TEST_F(LedgerTest, KeepsItsChainWithSeveralWriters) {
  constexpr int writers = 4;
  constexpr std::uint64_t charges = 15;
  std::vector<pid_t> children;
  for (int writer = 0; writer < writers; ++writer) {
    children.push_back(in_child([this, writer] {
      auto ledger = Ledger::open(path_);  // they race to create it, too
      if (!ledger.has_value()) ::_exit(1);
      for (std::uint64_t round = 0; round < charges; ++round) {
        LedgerEntry entry = sample_entry(round);
        entry.run = "writer-" + std::to_string(writer);
        if (!ledger->charge(entry).has_value()) ::_exit(2);
      }
      ::_exit(0);
    }));
  }
  for (const pid_t child : children) {
    const int status = wait_for(child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(open_or_die(LedgerMode::must_exist).rows().size(), writers * charges);
}

}  // namespace
}  // namespace hippocrypt::privacy
