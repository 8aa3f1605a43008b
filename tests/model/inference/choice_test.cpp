#include "model/inference/choice.hpp"

#include <gtest/gtest.h>

#include "model/transformer.hpp"
#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

const auto go_on = [](std::size_t) { return true; };

/// A token a letter; "xy" is one token, so that an option's first letter may join the prompt's end.
Result<std::vector<std::uint32_t>> toy_encode(std::string_view text) {
  std::vector<std::uint32_t> tokens;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '!') return Error{Errc::malformed, "no token for !"};
    const bool pair = text.substr(i, 2) == "x ";
    tokens.push_back(pair ? 10U : static_cast<std::uint32_t>(text[i]) % 10);
    i += pair ? 1 : 0;
  }
  return tokens;
}

class ChoiceTest : public testing::Test {
 protected:
  Result<std::vector<ScoredQuestion>> score(const std::vector<Question>& questions,
                                            const ChoiceOptions& options = {},
                                            const QuestionProgress& progress = go_on) {
    return score_questions(decoder_, model_.config, questions, toy_encode, options, progress);
  }

  /// The same from the whole sequence.
  OptionScore plain_score(const std::string& prompt, const std::string& option) {
    const auto before = toy_encode(prompt).value();
    auto whole = toy_encode(prompt + " " + option).value();
    const auto differs = std::mismatch(before.begin(), before.end(), whole.begin()).first;
    const auto own = static_cast<std::size_t>(differs - before.begin());
    Batch batch;
    append_sequence(batch, whole, 1);
    const auto report = transformer_.evaluate(batch, nullptr).value();
    OptionScore score;
    for (std::size_t t = own; t < whole.size(); ++t) {
      score.sum -= static_cast<double>(report.nll[t - 1]);
      ++score.tokens;
    }
    return score;
  }

  Model model_ = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle oracle_{model_.base};
  Decoder decoder_{model_.config, model_.client, oracle_, nullptr, 64};
  Transformer transformer_{model_.config, model_.client, oracle_};
  std::vector<Question> questions_{{"who:", {"me", "you", "they all"}, 1, "a"},
                                   {"wax", {"no", "never"}, 0, "b"},
                                   {"z", {"k", "l", "m", "n"}, 3, "a"}};
};

TEST_F(ChoiceTest, ScoresAreThoseOfWholeSequences) {
  const auto scored = score(questions_).value();
  ASSERT_EQ(scored.size(), 3U);
  for (std::size_t q = 0; q < 3; ++q) {
    ASSERT_EQ(scored[q].options.size(), questions_[q].options.size());
    EXPECT_FALSE(scored[q].cut);
    for (std::size_t i = 0; i < scored[q].options.size(); ++i) {
      const auto expected = plain_score(questions_[q].prompt, questions_[q].options[i]);
      EXPECT_EQ(scored[q].options[i].tokens, expected.tokens);
      // Rounding of sums in another order, of losses around 3.
      EXPECT_NEAR(scored[q].options[i].sum, expected.sum, 1e-4) << q << " " << i;
    }
  }
  EXPECT_EQ(scored[1].options[0].tokens, 3U);  // "x " joined: it and "no" are the option's
}

TEST_F(ChoiceTest, GroupsDoNotChangeTheScores) {
  const auto together = score(questions_).value();
  std::vector<std::size_t> groups;
  ChoiceOptions narrow;
  narrow.batch_tokens = 1;
  const auto apart = score(questions_, narrow, [&](std::size_t done) {
                       groups.push_back(done);
                       return true;
                     }).value();
  EXPECT_EQ(groups, (std::vector<std::size_t>{1, 3}));  // the last has no prompt token of its own
  for (std::size_t q = 0; q < 3; ++q) {
    for (std::size_t i = 0; i < apart[q].options.size(); ++i) {
      EXPECT_NEAR(apart[q].options[i].sum, together[q].options[i].sum, 1e-4);
    }
  }
}

TEST_F(ChoiceTest, LongPromptsLoseTheirBeginning) {
  const std::string tail(60, 'k');
  const std::vector<Question> questions{{"abcdefgh" + tail, {"me", "you"}, 0, ""},
                                        {tail, {"me", "you"}, 0, ""}};
  const auto scored = score(questions).value();
  EXPECT_TRUE(scored[0].cut);
  EXPECT_FALSE(scored[1].cut);
  // 64 fit: " you" and 60 of the prompt, which are the same then.
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(scored[0].options[i].sum, scored[1].options[i].sum, 1e-4);
  }
}

TEST_F(ChoiceTest, TheLargestSumOrMeanIsChosen) {
  const std::vector<OptionScore> scores{{-4.0, 2}, {-6.0, 6}, {-4.0, 1}, {-6.0, 6}};
  EXPECT_EQ(chosen_option(scores, ChoiceBy::sum), 0U);
  EXPECT_EQ(chosen_option(scores, ChoiceBy::mean), 1U);
}

TEST_F(ChoiceTest, TalliesOverallAndBySubject) {
  const std::vector<ScoredQuestion> scored{{{{-3, 1}, {-1, 1}, {-2, 1}}, false},
                                           {{{-3, 1}, {-1, 1}}, false},
                                           {{{-3, 1}, {-1, 1}, {-2, 1}, {-9, 1}}, false}};
  const auto counted = tally(questions_, scored, ChoiceBy::sum);
  EXPECT_EQ(counted.overall.right, 1U);
  EXPECT_EQ(counted.overall.total, 3U);
  EXPECT_EQ(counted.subjects.at("a").right, 1U);
  EXPECT_EQ(counted.subjects.at("a").total, 2U);
  EXPECT_EQ(counted.subjects.at("b").accuracy(), 0.0);
}

TEST_F(ChoiceTest, RefusesWhatCannotBeScored) {
  EXPECT_EQ(score({}).error().code, Errc::out_of_range);
  EXPECT_EQ(score({{"", {"a", "b"}, 0, ""}}).error().code, Errc::out_of_range);
  EXPECT_EQ(score({{"why", {"a", std::string(80, 'b')}, 0, ""}}).error().code,
            Errc::limit_exceeded);
  EXPECT_EQ(score({{"why!", {"a", "b"}, 0, ""}}).error().code, Errc::malformed);
  ChoiceOptions small;
  small.cache_limit_bytes = 10 * KvCache::bytes_per_token(model_.config);
  EXPECT_EQ(score(questions_, small).error().code, Errc::limit_exceeded);
  EXPECT_EQ(score(questions_, {}, [](std::size_t) { return false; }).error().code, Errc::cancelled);
}

}  // namespace
}  // namespace hippocrypt::model
