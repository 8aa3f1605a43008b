#include "model/inference/generation.hpp"

#include <gtest/gtest.h>

#include "model/transformer.hpp"
#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::uint64_t plenty = 1 << 20;
const TokenSink no_sink = [](std::size_t, std::uint32_t) { return true; };

class GenerationTest : public testing::Test {
 protected:
  static GenerationOptions options(const SamplingLiteral& sampling = {}) {
    return {.sampling = SamplingConfig::create(sampling).value(), .max_tokens = 6};
  }
  Result<GenerationReport> run(const GenerationOptions& options, const TokenSink& sink = no_sink,
                               std::size_t capacity = 32, std::uint64_t limit = plenty) const {
    KvCache cache = KvCache::create(model_.config, capacity, plenty).value();
    return generate(decoder_, model_.config, cache, prompt_, options, limit, sink);
  }

  Model model_ = tiny_model(config_of(tiny_literal()));
  mutable PlainFp32Oracle oracle_{model_.base};
  Decoder decoder_{model_.config, model_.client, oracle_, nullptr, 64};
  std::vector<std::uint32_t> prompt_{1, 4, 2};
};

TEST_F(GenerationTest, GreedyIsTheArgmaxOfTheWholeSequenceAtEveryStep) {
  const auto report = run(options()).value();
  ASSERT_EQ(report.sequences.size(), 1U);
  EXPECT_EQ(report.sequences[0].reason, FinishReason::max_tokens);
  EXPECT_EQ(report.steps, 5U);
  EXPECT_EQ(report.stepped_tokens, 5U);
  const Transformer transformer{model_.config, model_.client, oracle_};
  std::vector<std::uint32_t> tokens = prompt_;
  for (int i = 0; i < 6; ++i) {
    Batch batch;
    append_sequence(batch, tokens, 1);
    const Matrix logits = transformer.logits(batch, nullptr, LogitPositions::last).value();
    const auto best = std::max_element(logits.values().begin(), logits.values().end());
    tokens.push_back(static_cast<std::uint32_t>(best - logits.values().begin()));
  }
  EXPECT_EQ(report.sequences[0].tokens,
            (std::vector<std::uint32_t>{tokens.begin() + 3, tokens.end()}));
}

TEST_F(GenerationTest, CopiesAreTheSameWhenGreedyAndDrawForThemselvesOtherwise) {
  GenerationOptions greedy = options();
  greedy.copies = 5;
  const auto same = run(greedy).value();
  EXPECT_EQ(same.stepped_tokens, 25U);
  for (const auto& sequence : same.sequences) {
    EXPECT_EQ(sequence.tokens, run(options())->sequences[0].tokens);
  }
  GenerationOptions sampled = options({1.0, 0, 1.0});
  sampled.copies = 5;
  const auto first = run(sampled).value();
  const auto again = run(sampled).value();
  int different = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(first.sequences[i].tokens, again.sequences[i].tokens);
    different += first.sequences[i].tokens == first.sequences[0].tokens ? 0 : 1;
  }
  EXPECT_GT(different, 0);
  // A copy does not depend on how many others there are.
  sampled.copies = 2;
  EXPECT_EQ(run(sampled)->sequences[1].tokens, first.sequences[1].tokens);
  sampled.seed = 2;
  EXPECT_NE(run(sampled)->sequences[1].tokens, first.sequences[1].tokens);
}

TEST_F(GenerationTest, StopsAtAStopTokenWhileOtherCopiesGoOn) {
  const auto all = run(options())->sequences[0].tokens;
  GenerationOptions stopping = options();
  stopping.stop = {all[2]};
  const auto report = run(stopping).value();
  const std::size_t first =
      static_cast<std::size_t>(std::find(all.begin(), all.end(), all[2]) - all.begin());
  EXPECT_EQ(report.sequences[0].reason, FinishReason::stop);
  EXPECT_EQ(report.sequences[0].tokens.size(), first + 1);

  GenerationOptions sampled = options({1.0, 0, 1.0});
  sampled.copies = 8;
  const auto free = run(sampled).value();
  sampled.stop = {free.sequences[0].tokens[1]};
  const auto stopped = run(sampled).value();
  for (std::size_t i = 0; i < 8; ++i) {
    const auto& whole = free.sequences[i].tokens;
    const auto found = std::find(whole.begin(), whole.end(), sampled.stop[0]);
    const bool ends = found != whole.end();
    EXPECT_EQ(stopped.sequences[i].tokens,
              (std::vector<std::uint32_t>{whole.begin(), ends ? found + 1 : whole.end()}));
    EXPECT_EQ(stopped.sequences[i].reason, ends ? FinishReason::stop : FinishReason::max_tokens);
  }
}

TEST_F(GenerationTest, NeverChoosesATokenBeyondTheVocabulary) {
  GenerationOptions sampled = options({5.0, 0, 1.0});
  sampled.copies = 20;
  const auto largest = [&] {
    std::uint32_t result = 0;
    const auto report = run(sampled).value();
    for (const auto& sequence : report.sequences) {
      for (const std::uint32_t token : sequence.tokens) result = std::max(result, token);
    }
    return result;
  };
  EXPECT_GT(largest(), 3U);
  sampled.vocab = 4;
  EXPECT_LT(largest(), 4U);
}

TEST_F(GenerationTest, StopsWhenTheCacheIsFull) {
  const auto report = run(options(), no_sink, 5).value();
  EXPECT_EQ(report.sequences[0].reason, FinishReason::context);
  EXPECT_EQ(report.sequences[0].tokens.size(), 3U);  // two more fit, and the last is not cached
}

TEST_F(GenerationTest, TellsEveryTokenAndStopsWhenTold) {
  std::vector<std::uint32_t> told;
  const auto report = run(options(), [&](std::size_t copy, std::uint32_t token) {
                        EXPECT_EQ(copy, 0U);
                        told.push_back(token);
                        return told.size() < 3;
                      }).value();
  EXPECT_EQ(report.sequences[0].tokens, told);
  EXPECT_EQ(told.size(), 3U);
  EXPECT_EQ(report.sequences[0].reason, FinishReason::interrupted);
}

TEST_F(GenerationTest, RefusesWhatCannotBe) {
  GenerationOptions none = options();
  none.copies = 0;
  EXPECT_EQ(run(none).error().code, Errc::out_of_range);
  none = options();
  none.max_tokens = 0;
  EXPECT_EQ(run(none).error().code, Errc::out_of_range);
  EXPECT_EQ(run(options(), no_sink, 2).error().code, Errc::limit_exceeded);
  GenerationOptions many = options();
  many.copies = 100;
  const std::uint64_t few = 98 * 9 * KvCache::bytes_per_token(model_.config);
  EXPECT_EQ(run(many, no_sink, 32, few).error().code, Errc::limit_exceeded);
  many.copies = 99;
  EXPECT_TRUE(run(many, no_sink, 32, few).has_value());
}

TEST_F(GenerationTest, ReasonsHaveNames) {
  EXPECT_STREQ(to_string(FinishReason::stop), "stop");
  EXPECT_STREQ(to_string(FinishReason::max_tokens), "max_tokens");
  EXPECT_STREQ(to_string(FinishReason::context), "context");
  EXPECT_STREQ(to_string(FinishReason::interrupted), "interrupted");
}

}  // namespace
}  // namespace hippocrypt::model
