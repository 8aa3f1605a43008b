// Exit codes, error lines, JSON, tables and the interrupt flag.

#include <gtest/gtest.h>

#include <csignal>
#include <limits>
#include <sstream>

#include "cli/support/exit_codes.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "cli/support/text_table.hpp"
#include "cli/support/version.hpp"

namespace hippocrypt::cli {
namespace {

TEST(ExitCodes, TellTheCallerWhatKindOfFailureItWas) {
  EXPECT_EQ(exit_code(Errc::invalid_config), 2);
  EXPECT_EQ(exit_code(Errc::budget_exhausted), 3);
  EXPECT_EQ(exit_code(Errc::tampered), 4);
  EXPECT_EQ(exit_code(Errc::cancelled), 130);
  for (const Errc code :
       {Errc::not_found, Errc::io, Errc::malformed, Errc::unsupported, Errc::out_of_range,
        Errc::mismatch, Errc::limit_exceeded, Errc::not_finite, Errc::unavailable, Errc::deadline})
    EXPECT_EQ(exit_code(code), 1) << to_string(code);
}

TEST(ReportError, WritesOneLineWithTheCauseFirst) {
  std::ostringstream err;
  EXPECT_EQ(report_error(err, {Errc::not_found, "x.jsonl: no such file"}), 1);
  EXPECT_EQ(err.str(), "error: x.jsonl: no such file\n");
}

TEST(ReportError, KeepsControlCharactersFromTheTerminal) {
  std::ostringstream err;
  report_error(err, {Errc::malformed, "a\nb\x1b[2Jc"});
  EXPECT_EQ(err.str(), "error: a b?[2Jc\n");
}

TEST(ReportError, NamesTheCodeWhereThereIsNoSentence) {
  std::ostringstream err;
  report_error(err, {Errc::deadline, ""});
  EXPECT_EQ(err.str(), "error: deadline\n");
}

TEST(PrintJson, KeepsOrderAndSurvivesBadBytes) {
  std::ostringstream out;
  print_json(out,
             {{"z", 1}, {"a", std::numeric_limits<double>::infinity()}, {"text", "bad \xff byte"}});
  EXPECT_EQ(out.str(),
            "{\n  \"z\": 1,\n  \"a\": null,\n  \"text\": \"bad \xEF\xBF\xBD byte\"\n}\n");
}

TEST(TextTable, AlignsColumnsWithoutTrailingBlanks) {
  TextTable table{{{"hospital"}, {"epsilon", Align::right}, {"note"}}};
  table.add_row({"st-anna", "1.25", ""});
  table.add_row({"Zürich", "10.5", "full"});
  EXPECT_EQ(table.str(),
            "hospital  epsilon  note\n"
            "--------  -------  ----\n"
            "st-anna      1.25\n"
            "Zürich       10.5  full\n");
}

TEST(TextTableDeathTest, RefusesARowOfAnotherWidth) {
  TextTable table{{{"one"}}};
  EXPECT_DEATH(table.add_row({"a", "b"}), "columns_.size");
}

TEST(Version, NamesProgramProcessorAndKernels) {
  EXPECT_EQ(version_text().rfind("hippocrypt 0.", 0), 0U);
  EXPECT_NE(version_text().find("\nprocessor "), std::string::npos);
  EXPECT_NE(version_text().find(", kernels "), std::string::npos);
}

// In a child process each, for signals belong to the whole process.
TEST(InterruptDeathTest, FirstSignalSetsTheFlag) {
  EXPECT_EXIT(
      {
        const auto& stop = install_interrupt_handler();
        const bool before = stop.load();
        std::raise(SIGINT);
        std::exit(!before && stop.load() && interrupt_flag().load() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "press Ctrl-C again");
}

TEST(InterruptDeathTest, SecondSignalKills) {
  EXPECT_EXIT(
      {
        install_interrupt_handler();
        std::raise(SIGINT);
        std::raise(SIGTERM);
        std::exit(0);
      },
      testing::KilledBySignal(SIGTERM), "");
}

TEST(ReloadDeathTest, EveryHangupSetsTheFlag) {
  EXPECT_EXIT(
      {
        auto& reload = install_reload_handler();
        const bool before = reload.load();
        std::raise(SIGHUP);
        const bool first = reload.exchange(false);
        std::raise(SIGHUP);
        std::exit(!before && first && reload.load() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace hippocrypt::cli
