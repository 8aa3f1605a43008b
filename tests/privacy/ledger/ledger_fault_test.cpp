// Dies at every call that SQLite makes while it charges and closes, and looks at what is left.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "base/sqlite/sqlite.hpp"
#include "privacy/ledger/ledger.hpp"
#include "tests/privacy/ledger/failing_vfs.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t rows_before = 3;

/// What a child could say before it died.
struct Said {
  bool was_killed = false;
  bool has_returned = false;       ///< charge() came back with a row
  std::vector<std::string> calls;  ///< only of one that lived
};

class LedgerFaultTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    make_ledger(rows_before);
    std::filesystem::copy(path_, folder_ / "pristine");
  }

  void start_over() const {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path_.string() + suffix);
    }
    std::filesystem::copy(folder_ / "pristine", path_);
  }

  /// Charges row 4 and closes, in a child that dies at call `at`.
  Said charge_and_die(std::uint64_t at, Death death, const char* pragma = nullptr) const {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) in_child(ends[1], at, death, pragma);
    ::close(ends[1]);
    std::string text;
    char byte = 0;
    while (::read(ends[0], &byte, 1) == 1) text += byte;
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
    Said said;
    said.was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    said.has_returned = text.starts_with("returned\n");
    for (std::size_t begin = text.find('\n') + 1; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      said.calls.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return said;
  }

  std::uint64_t rows_left() const {
    Ledger ledger = open_or_die(LedgerMode::must_exist);
    const std::uint64_t rows = ledger.rows().size();
    EXPECT_TRUE(ledger.charge(sample_entry(9)).has_value()) << "the ledger is usable";
    return rows;
  }

 private:
  [[noreturn]] void in_child(int out, std::uint64_t at, Death death, const char* pragma) const {
    FailingVfs::install();
    const auto say = [out](const std::string& text) {
      if (::write(out, text.data(), text.size()) < 0) ::_exit(3);
    };
    if (pragma == nullptr) {
      auto ledger = Ledger::open(path_, LedgerMode::must_exist);
      if (!ledger.has_value()) ::_exit(1);
      FailingVfs::arm(at, death);
      if (!ledger->charge(sample_entry(4)).has_value()) ::_exit(2);
      say("returned\n");
      if (at == never && death == Death::power_cut) FailingVfs::die(death);
    } else {
      charge_carelessly(pragma);
      say("returned\n");
      FailingVfs::die(death);
    }
    for (const std::string& call : FailingVfs::calls()) say(call + "\n");
    ::_exit(0);
  }

  /// The sabotaged ledger: the same row, by a connection that does not flush.
  void charge_carelessly(const char* pragma) const {
    auto database = SqliteDatabase::open(path_, {.patience = std::chrono::seconds{1}});
    if (!database.has_value() || !database->execute(pragma).has_value()) ::_exit(4);
    LedgerRow row;
    row.id = rows_before + 1;
    const std::string sql =
        "BEGIN IMMEDIATE; UPDATE head SET rows = rows + 1, hash = zeroblob(32);"
        "COMMIT";
    FailingVfs::arm(never, Death::power_cut);
    if (!database->execute(sql.c_str()).has_value()) ::_exit(5);
    static_cast<void>(new SqliteDatabase{std::move(*database)});  // never closed
  }
};

TEST_F(LedgerFaultTest, NeverUnderCountsAndOverCountsByOneLotWhereverItDies) {
  start_over();
  const Said whole = charge_and_die(never, Death::killed);
  ASSERT_TRUE(whole.has_returned && !whole.was_killed);
  ASSERT_GT(whole.calls.size(), 10U);
  std::map<std::string, int> kinds;
  for (const std::string& call : whole.calls) ++kinds[call];
  ASSERT_GT(kinds["sync wal"], 0) << "a charge is flushed";
  std::printf("%zu points in a charge:\n", whole.calls.size());
  for (std::size_t i = 0; i < whole.calls.size(); ++i) {
    std::printf("  %zu %s\n", i, whole.calls[i].c_str());
  }
  int wasted = 0;
  for (const Death death : {Death::killed, Death::killed_half, Death::power_cut}) {
    for (std::uint64_t at = 0; at < whole.calls.size(); ++at) {
      start_over();
      const Said said = charge_and_die(at, death);
      ASSERT_TRUE(said.was_killed) << at;
      const std::uint64_t rows = rows_left();
      EXPECT_GE(rows, rows_before + (said.has_returned ? 1 : 0)) << at << whole.calls[at];
      EXPECT_LE(rows, rows_before + 1) << at << whole.calls[at];
      if (!said.has_returned && rows == rows_before + 1) ++wasted;
    }
  }
  EXPECT_GT(wasted, 0) << "some deaths come after the row is durable";
}

TEST_F(LedgerFaultTest, KeepsAReturnedChargeThroughAPowerCut) {
  start_over();
  const Said said = charge_and_die(never, Death::power_cut);
  ASSERT_TRUE(said.was_killed && said.has_returned);
  EXPECT_EQ(rows_left(), rows_before + 1);
}

TEST_F(LedgerFaultTest, ACommitThatIsNotFlushedIsSeenToBeLost) {
  // What the test above would see if the ledger did not flush: the power cut takes the commit.
  for (const char* pragma : {"PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL"}) {
    start_over();
    const Said said = charge_and_die(never, Death::power_cut, pragma);
    ASSERT_TRUE(said.was_killed && said.has_returned);
    const auto ledger = Ledger::open(path_, LedgerMode::must_exist);
    const bool is_lost = ledger.has_value();  // the head is as it was
    EXPECT_EQ(is_lost, std::string_view{pragma}.ends_with("NORMAL"));
  }
}

}  // namespace
}  // namespace hippocrypt::privacy
