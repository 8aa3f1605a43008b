// The same bits at any number of threads, of every part that takes them.

#include <gtest/gtest.h>

#include <cstring>

#include "math_support.hpp"
#include "model/attention.hpp"
#include "model/head.hpp"
#include "model/transformer.hpp"
#include "model/unit_gradient.hpp"

namespace hippocrypt::model {
namespace {

/// Wide enough for several pieces of work everywhere: 640 tokens, 1100 words.
ModelConfig wide_config() {
  ModelLiteral literal = tiny_literal();
  literal.vocab = 1100;
  literal.hidden = 40;
  literal.ffn = 48;
  literal.max_context = 512;
  return config_of(literal);
}

Batch wide_batch() {
  Batch batch;
  SeededSequence random{11, "wide batch"};
  batch.tokens.resize(640);
  for (auto& token : batch.tokens) token = static_cast<std::uint32_t>(random.below(1100));
  batch.sequences = {{0, 300}, {310, 200}, {510, 130}};
  batch.loss_weight.assign(640, 0.0F);
  for (const SequenceSpan& span : batch.sequences) {
    std::fill_n(batch.loss_weight.begin() + static_cast<std::ptrdiff_t>(span.begin), span.count - 1,
                0.01F);
  }
  return batch;
}

LoraAdapter busy_adapter(const ModelConfig& config) {
  LoraLiteral literal;
  literal.rank = 4;
  const LoraConfig lora = LoraConfig::create(literal, config).value();
  LoraAdapter adapter = initial_adapter(config, lora, LoraInit::kaiming_uniform, 5);
  SeededSequence random{6, "b"};
  for (std::size_t b = 0; b < adapter.blocks(); ++b) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      for (float& value : adapter.at(b, i).b.values()) {
        value = static_cast<float>(0.1 * random.normal());
      }
    }
  }
  return adapter;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

struct Outcome {
  LossReport report;
  std::vector<float> gradient;
  Matrix logits;
};

Outcome run(const Model& model, const LoraAdapter& adapter, std::size_t threads) {
  PlainFp32Oracle oracle{model.base};
  const Transformer transformer{model.config, model.client, oracle, {.threads = threads}};
  const Batch batch = wide_batch();
  Step step = transformer.forward_backward(batch, adapter, Trainable::both).value();
  std::vector<float> gradient(trainable_count(model.config, adapter.config(), Trainable::both));
  unit_gradient<float>(step.tape, batch.sequences, gradient, threads);
  return {std::move(step.report), std::move(gradient),
          transformer.logits(batch, &adapter, LogitPositions::last).value()};
}

TEST(ThreadsTest, AStepHasTheSameBitsAtAnyNumberOfThreads) {
  const ModelConfig config = wide_config();
  const Model model = tiny_model(config);
  const LoraAdapter adapter = busy_adapter(config);
  const Outcome one = run(model, adapter, 1);
  EXPECT_GT(one.report.weighted_nll, 0.0);
  for (const std::size_t threads : {2U, 3U}) {
    const Outcome many = run(model, adapter, threads);
    EXPECT_EQ(one.report.weighted_nll, many.report.weighted_nll);
    EXPECT_TRUE(same_bits(one.report.nll, many.report.nll)) << threads;
    EXPECT_TRUE(same_bits(one.gradient, many.gradient)) << threads;
    EXPECT_TRUE(same_bits(one.logits.values(), many.logits.values())) << threads;
  }
}

TEST(ThreadsTest, PretrainingGradientsToo) {
  const ModelConfig config = wide_config();
  const Model model = tiny_model(config);
  const auto gradient = [&](std::size_t threads) {
    PlainFp32Oracle oracle{model.base};
    const Transformer transformer{config, model.client, oracle, {.threads = threads}};
    ClientWeights sum = zero_client_weights<float>(config);
    EXPECT_TRUE(transformer.forward_backward_weights(wide_batch(), sum));
    return sum;
  };
  const ClientWeights one = gradient(1), three = gradient(3);
  EXPECT_TRUE(same_bits(one.embedding.values(), three.embedding.values()));
  EXPECT_TRUE(same_bits(one.final_norm, three.final_norm));
  EXPECT_TRUE(same_bits(one.ffn_norm[1], three.ffn_norm[1]));
}

TEST(ThreadsTest, ATimerHearsOfEveryPhaseAndChangesNothing) {
  const ModelConfig config = wide_config();
  const Model model = tiny_model(config);
  const LoraAdapter adapter = busy_adapter(config);
  PlainFp32Oracle oracle{model.base};
  double now = 0;
  PhaseTimer timer{[&] { return now += 1; }};
  const Transformer timed{config, model.client, oracle, {.threads = 2, .timer = &timer}};
  const auto step = timed.forward_backward(wide_batch(), adapter, Trainable::both).value();
  EXPECT_TRUE(same_bits(step.report.nll, run(model, adapter, 1).report.nll));
  for (const char* const phase : {"adapter", "attention", "elementwise", "head"}) {
    const auto seconds = timer.seconds();
    ASSERT_TRUE(seconds.contains(phase)) << phase;
    EXPECT_GT(seconds.at(phase), 0.0);
  }
}

TEST(ThreadsDeathTest, NoThreadsEndTheProcess) {
  const ModelConfig config = wide_config();
  const Model model = tiny_model(config);
  PlainFp32Oracle oracle{model.base};
  EXPECT_DEATH((Transformer{config, model.client, oracle, {.threads = 0}}), "threads");
}

}  // namespace
}  // namespace hippocrypt::model
