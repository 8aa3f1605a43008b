#include "cli/config/suggest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hippocrypt::cli {
namespace {

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("delta", "delta"), 0U);
  EXPECT_EQ(edit_distance("dleta", "delta"), 1U) << "a swap of neighbours";
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, FindsOnlyWhatIsNear) {
  const std::vector<std::string> known = {"rounds", "seed", "steps_per_round"};
  EXPECT_EQ(nearest("round", known), "rounds");
  EXPECT_EQ(nearest("steps_per_rounds", known), "steps_per_round");
  EXPECT_EQ(nearest("budget", known), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), known), "");
}

TEST(WordList, JoinsWithCommasAndALastWord) {
  EXPECT_EQ(word_list(std::vector<std::string>{}, "or"), "");
  EXPECT_EQ(word_list(std::vector<std::string>{"a"}, "or"), "a");
  EXPECT_EQ(word_list(std::vector<std::string>{"a", "b", "c"}, "and"), "a, b and c");
}

}  // namespace
}  // namespace hippocrypt::cli
