#include "model/inference/utf8_gate.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::model {
namespace {

TEST(Utf8GateTest, HoldsACharacterUntilItIsWhole) {
  // One of every length, and of every first byte whose second one is restricted.
  for (const std::string whole :
       {"a", "\u00e4", "\u0800", "\u20ac", "\ud7ff", "\U00010000", "\U0001f600", "\U0010ffff"}) {
    Utf8Gate gate;
    for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
      EXPECT_EQ(gate.push(whole.substr(i, 1)), "") << whole;
    }
    EXPECT_EQ(gate.push(whole.substr(whole.size() - 1)), whole);
    EXPECT_EQ(gate.finish(), "");
  }
}

TEST(Utf8GateTest, PassesOnWhatIsCompleteAndHoldsTheRest) {
  Utf8Gate gate;
  EXPECT_EQ(gate.push("fi\xC3\xA8vre \xE2\x82"), "fi\u00e8vre ");
  EXPECT_EQ(gate.push("\xAC!"), "\u20ac!");
  EXPECT_EQ(gate.push("\xF0\x9F"), "");
  EXPECT_EQ(gate.finish(), "\uFFFD");
  EXPECT_EQ(gate.push("again"), "again");
}

TEST(Utf8GateTest, ReplacesBytesThatCannotBecomeACharacter) {
  Utf8Gate gate;
  EXPECT_EQ(gate.push("\xFF\x80z"), "\uFFFD\uFFFDz");
  EXPECT_EQ(gate.push("\xC3z"), "\uFFFDz");
  EXPECT_EQ(gate.push("\xED\xA0"), "\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(gate.push("\xC0"), "\uFFFD");            // overlong
  EXPECT_EQ(gate.finish(), "");
}

}  // namespace
}  // namespace hippocrypt::model
