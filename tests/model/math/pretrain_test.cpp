#include "model/pretrain.hpp"

#include <gtest/gtest.h>

#include "math_support.hpp"

namespace hippocrypt::model {
namespace {

/// Counting up modulo 10 from a random start: predictable but for the first token.
std::vector<std::vector<std::uint32_t>> toy_corpus() {
  SeededSequence random{11, "toy corpus"};
  std::vector<std::vector<std::uint32_t>> out(40);
  for (auto& sequence : out) {
    const std::uint64_t start = random.below(10);
    for (std::uint64_t i = 0; i < 12; ++i) {
      sequence.push_back(static_cast<std::uint32_t>((start + i) % 10));
    }
  }
  return out;
}

PretrainOptions toy_options() {
  PretrainOptions options;
  options.steps = 60;
  options.batch_tokens = 96;
  options.learning_rate = 2e-2;
  options.warmup_steps = 5;
  options.shards = 3;
  options.initial_std = 0.1;
  return options;
}

std::vector<float> all_values(Model model) {
  std::vector<float> out;
  const auto add = [&](std::span<const float> values) {
    out.insert(out.end(), values.begin(), values.end());
  };
  for (const auto& block : model.base.blocks) {
    for (const Matrix& matrix : block) add(matrix.values());
  }
  for (const auto& gains : model.client.attention_norm) add(gains);
  for (const auto& gains : model.client.ffn_norm) add(gains);
  add(model.client.final_norm);
  add(model.client.embedding.values());
  add(model.client.head.values());
  return out;
}

TEST(Pretrain, LossFallsAndTheResultDoesNotDependOnThreads) {
  for (const Head head : {Head::tied, Head::untied}) {
    const ModelConfig config = config_of(tiny_literal(head));
    PretrainOptions options = toy_options();
    std::vector<double> losses;
    options.threads = 1;
    const Model one = pretrain(config, toy_corpus(), options, [&](const PretrainProgress& now) {
                        losses.push_back(now.loss);
                        EXPECT_GT(now.gradient_norm, 0.0);
                        EXPECT_GT(now.tokens_per_second, 0.0);
                      }).value();
    ASSERT_EQ(losses.size(), 60U);
    EXPECT_GT(losses.front(), 1.8);
    EXPECT_LT(losses.back(), 0.5 * losses.front());
    EXPECT_TRUE(check_weights(one).has_value());
    options.threads = 2;
    const Model two = pretrain(config, toy_corpus(), options, {}).value();
    EXPECT_EQ(all_values(one), all_values(two));
    options.seed = 2;
    EXPECT_NE(all_values(one), all_values(pretrain(config, toy_corpus(), options, {}).value()));
  }
}

TEST(Pretrain, EpochsDecideTheStepsWhereNoneAreGiven) {
  PretrainOptions options = toy_options();
  options.steps = 0;
  options.epochs = 2.0;  // 2·480 tokens in batches of 96
  std::size_t steps = 0;
  ASSERT_TRUE(
      pretrain(config_of(tiny_literal()), toy_corpus(), options, [&](const PretrainProgress& now) {
        steps = now.steps;
      }).has_value());
  EXPECT_EQ(steps, 10U);
}

TEST(Pretrain, CutsSequencesAtTheContext) {
  PretrainOptions options = toy_options();
  options.steps = 1;
  const std::vector<std::vector<std::uint32_t>> lengthy{std::vector<std::uint32_t>(200, 3)};
  EXPECT_TRUE(pretrain(config_of(tiny_literal()), lengthy, options, {}).has_value());
}

TEST(Pretrain, RefusesBadOptionsAndData) {
  const ModelConfig config = config_of(tiny_literal());
  const auto code = [&](const PretrainOptions& options,
                        const std::vector<std::vector<std::uint32_t>>& data) {
    const auto result = pretrain(config, data, options, {});
    return result.has_value() ? Errc::cancelled : result.error().code;
  };
  const auto with = [](void (*change)(PretrainOptions&)) {
    PretrainOptions options = toy_options();
    change(options);
    return options;
  };
  const auto range = Errc::out_of_range;
  EXPECT_EQ(code(toy_options(), {}), range);
  EXPECT_EQ(code(toy_options(), {{1}, {}}), range);
  EXPECT_EQ(code(toy_options(), {{1, 11}}), range);
  EXPECT_EQ(code(with([](PretrainOptions& o) { o.batch_tokens = 0; }), toy_corpus()), range);
  EXPECT_EQ(code(with([](PretrainOptions& o) { o.shards = 0; }), toy_corpus()), range);
  EXPECT_EQ(code(with([](PretrainOptions& o) { o.threads = 0; }), toy_corpus()), range);
  EXPECT_EQ(code(with([](PretrainOptions& o) { o.steps = 0, o.epochs = 0.0; }), toy_corpus()),
            range);
  EXPECT_EQ(code(with([](PretrainOptions& o) { o.learning_rate = 0.0; }), toy_corpus()), range);
  EXPECT_EQ(code(with([](PretrainOptions& o) { o.floor_fraction = 2.0; }), toy_corpus()), range);
  EXPECT_EQ(code(with([](PretrainOptions& o) { o.beta2 = 1.0; }), toy_corpus()), range);
}

TEST(Pretrain, SaysThatItDiverged) {
  PretrainOptions options = toy_options();
  options.learning_rate = 1e30;
  options.warmup_steps = 0;
  const auto result = pretrain(config_of(tiny_literal()), toy_corpus(), options, {});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::not_finite);
}

}  // namespace
}  // namespace hippocrypt::model
