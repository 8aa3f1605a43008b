#include "model/batch.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "math_support.hpp"

namespace hippocrypt::model {
namespace {

Errc refusal(const std::function<void(Batch&)>& change) {
  Batch batch = tiny_batch();
  change(batch);
  const Status status = check_batch(batch, config_of(tiny_literal()));
  return status.has_value() ? Errc::cancelled : status.error().code;
}

TEST(CheckBatch, AcceptsAGoodBatchAndAnEmptyOne) {
  EXPECT_TRUE(check_batch(tiny_batch(), config_of(tiny_literal())).has_value());
  EXPECT_TRUE(check_batch(Batch{}, config_of(tiny_literal())).has_value());
}

TEST(CheckBatch, RefusesWhatDoesNotFit) {
  EXPECT_EQ(refusal([](Batch& b) { b.tokens[3] = 11; }), Errc::out_of_range);
  EXPECT_EQ(refusal([](Batch& b) { b.sequences[1].count = 0; }), Errc::out_of_range);
  EXPECT_EQ(refusal([](Batch& b) { b.sequences[2].count = 6; }), Errc::out_of_range);
  EXPECT_EQ(refusal([](Batch& b) { b.sequences[2].begin = 17; }), Errc::out_of_range);
  EXPECT_EQ(refusal([](Batch& b) { b.sequences[2].count = SIZE_MAX; }), Errc::out_of_range);
  EXPECT_EQ(refusal([](Batch& b) { b.sequences[1].begin = 4; }), Errc::out_of_range);
  EXPECT_EQ(refusal([](Batch& b) { b.loss_weight.pop_back(); }), Errc::mismatch);
  EXPECT_EQ(refusal([](Batch& b) { b.loss_weight[4] = 1.0F; }), Errc::mismatch);
  EXPECT_EQ(refusal([](Batch& b) { b.loss_weight[5] = 1.0F; }), Errc::mismatch);
  EXPECT_EQ(refusal([](Batch& b) { b.loss_weight[1] = std::numeric_limits<float>::infinity(); }),
            Errc::not_finite);
  EXPECT_EQ(refusal([](Batch& b) { b.inputs = Matrix{8, b.tokens.size() - 1}; }), Errc::mismatch);
  EXPECT_EQ(refusal([](Batch& b) { b.inputs = Matrix{7, b.tokens.size()}; }), Errc::mismatch);
  EXPECT_EQ(refusal([](Batch& b) {
              b.inputs = Matrix{8, b.tokens.size()};
              b.inputs(3, 2) = std::numeric_limits<float>::quiet_NaN();
            }),
            Errc::not_finite);
}

TEST(AppendSequence, WeighsOnlyPredictionsOfLearnedTokens) {
  Batch batch;
  append_sequence(batch, {1, 2, 3, 4}, {true, false, true, true}, 0.5F);
  append_sequence(batch, {5, 6}, {false, true}, 2.0F);
  EXPECT_EQ(batch.loss_weight, (std::vector<float>{0, 0.5F, 0.5F, 0, 2.0F, 0}));
  EXPECT_EQ(batch.sequences.size(), 2U);
}

TEST(CheckBatch, RefusesASequenceAboveTheContext) {
  Batch batch;
  append_sequence(batch, std::vector<std::uint32_t>(65, 1), 1.0F);
  const Status status = check_batch(batch, config_of(tiny_literal()));
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Errc::limit_exceeded);
}

TEST(AppendSequence, WeighsAllButTheLastToken) {
  Batch batch;
  append_sequence(batch, {1, 2, 3}, 0.5F);
  append_sequence(batch, {}, 0.5F);
  append_sequence(batch, {4}, 0.5F);
  EXPECT_EQ(batch.tokens, (std::vector<std::uint32_t>{1, 2, 3, 4}));
  EXPECT_EQ(batch.sequences, (std::vector<SequenceSpan>{{0, 3}, {3, 1}}));
  EXPECT_EQ(batch.loss_weight, (std::vector<float>{0.5F, 0.5F, 0.0F, 0.0F}));
}

}  // namespace
}  // namespace hippocrypt::model
