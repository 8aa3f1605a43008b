#include "cli/preflight/check.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::cli {
namespace {

TEST(CheckTest, IsOneLineEach) {
  const std::vector<Check> checks{passed("names", "hospital a"), warning("clock of b", "late"),
                                  skipped("model", "unknown")};
  EXPECT_EQ(checks_text(checks),
            "PASSED   names       hospital a\n"
            "WARNING  clock of b  late\n"
            "SKIPPED  model       unknown\n");
  EXPECT_TRUE(all_passed(checks));
  const auto json = checks_json(checks);
  EXPECT_EQ(json.at("passed"), true);
  EXPECT_EQ(json.at("checks").at(1).at("state"), "WARNING");
}

TEST(CheckTest, FailsAsAWholeWhenOneFailed) {
  const std::vector<Check> checks{passed("names", ""), failed("port", "a\x1b[2J\nb")};
  EXPECT_FALSE(all_passed(checks));
  EXPECT_EQ(checks_json(checks).at("passed"), false);
  EXPECT_NE(checks_text(checks).find("FAILED   port   a?[2J?b\n"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::cli
