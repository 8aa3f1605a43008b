// What other software computes on the real model: logits, hidden states, greedy continuations.

#include "real_model.hpp"

#include <cmath>
#include <string>

#include "model/decoder.hpp"
#include "model/files/safetensors.hpp"
#include "model/kv_cache.hpp"

namespace hippocrypt {
namespace {

using test_support::column;
using test_support::largest;
using test_support::RealModel;
using test_support::reference_json;

/// Two fp32 implementations sum in different orders; logits reach 30.
constexpr float logit_tolerance = 2e-3F;

std::vector<std::uint32_t> ids_of(const model::Json& item) {
  return item.at("ids").get<std::vector<std::uint32_t>>();
}

model::SafetensorsFile reference_values() {
  return model::SafetensorsFile::open(test_support::models_folder / "reference" /
                                      "logits.safetensors")
      .value();
}

float largest_difference(std::span<const float> a, std::span<const float> b) {
  float worst = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

TEST(RealModel, HasTheShapeThatItsFileSays) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  const auto model = model::open_weights(test_support::real_model_path.string());
  ASSERT_TRUE(model.has_value()) << to_string(model.error());
  ASSERT_TRUE(model::check_weights(*model).has_value());
  EXPECT_EQ(model->config->vocab, 49152u);
  EXPECT_EQ(model->config->blocks, 30u);
  EXPECT_EQ(model->config->head_dim, 64u);
  EXPECT_EQ(model->config->max_context, 8192u);
  EXPECT_EQ(model->config->rope_theta, 100000.0);
  EXPECT_EQ(model->config->rms_epsilon, 1e-5);
  EXPECT_TRUE(model->config->tied_head);
}

TEST(RealModel, GivesTheLogitsOfTheReference) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  const RealModel real;
  auto values = reference_values();
  const model::Json prompts = reference_json("logits.json");
  ASSERT_EQ(prompts.size(), 4u);
  float worst = 0.0F;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    model::Batch batch;
    append_sequence(batch, ids_of(prompts[i]), 1.0F);
    const auto logits = real.transformer.logits(batch, nullptr, model::LogitPositions::all);
    ASSERT_TRUE(logits.has_value()) << to_string(logits.error());
    const auto argmax = prompts[i].at("argmax").get<std::vector<std::size_t>>();
    ASSERT_EQ(argmax.size(), logits->cols());
    for (std::size_t t = 0; t < argmax.size(); ++t) {
      EXPECT_EQ(largest(column(*logits, t)), argmax[t]) << "prompt " << i << ", position " << t;
    }
    const Matrix wanted = *values.read_matrix("logits." + std::to_string(i));
    const auto positions = prompts[i].at("positions").get<std::vector<std::size_t>>();
    ASSERT_EQ(positions.size(), wanted.rows());
    for (std::size_t p = 0; p < positions.size(); ++p) {
      worst = std::max(worst, largest_difference(column(*logits, positions[p]), wanted.row(p)));
    }
  }
  EXPECT_LE(worst, logit_tolerance);
  RecordProperty("worst_difference", std::to_string(worst));
}

TEST(RealModel, GivesTheHiddenStatesOfTheReference) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  const RealModel real;
  auto values = reference_values();
  model::Batch batch;
  append_sequence(batch, ids_of(reference_json("logits.json").at(0)), 1.0F);
  double worst = 0.0;
  for (std::size_t blocks = 0; blocks <= 30; ++blocks) {
    const auto hidden = real.transformer.hidden(batch, nullptr, blocks);
    ASSERT_TRUE(hidden.has_value()) << to_string(hidden.error());
    const Matrix wanted = *values.read_matrix("hidden.0." + std::to_string(blocks));
    ASSERT_EQ(wanted.rows(), hidden->cols());
    for (std::size_t t = 0; t < wanted.rows(); ++t) {
      // A few channels of the residual stream are in the thousands: relative to the token's norm.
      double difference = 0.0, norm = 0.0;
      for (std::size_t r = 0; r < wanted.cols(); ++r) {
        difference += std::pow(double{(*hidden)(r, t)} - double{wanted(t, r)}, 2);
        norm += std::pow(double{wanted(t, r)}, 2);
      }
      const double relative = std::sqrt(difference / norm);
      EXPECT_LE(relative, blocks == 0 ? 0.0 : 1e-5) << "block " << blocks << ", token " << t;
      worst = std::max(worst, relative);
    }
  }
  RecordProperty("worst_relative_difference", std::to_string(worst * 1e6) + "e-6");
}

TEST(RealModel, ContinuesGreedilyAsTheReference) {
  HIPPOCRYPT_NEED_REAL_MODEL();
  RealModel real;
  const model::Json prompts = reference_json("logits.json");
  const model::Json continuations = reference_json("greedy.json");
  ASSERT_EQ(continuations.size(), 3u);
  const model::Decoder decoder{real.model.config,
                               real.model.client,
                               real.oracle,
                               nullptr,
                               128,
                               {.threads = test_support::test_threads()}};
  for (std::size_t i = 0; i < continuations.size(); ++i) {
    ASSERT_EQ(prompts[i].at("prompt"), continuations[i].at("prompt"));
    const auto wanted = ids_of(continuations[i]);
    auto cache = model::KvCache::create(real.model.config, 128, std::uint64_t{1} << 30).value();
    std::vector<std::uint32_t> next = ids_of(prompts[i]);
    for (std::size_t t = 0; t < wanted.size(); ++t) {
      const std::vector<model::Continuation> step{{&cache, next}};
      const auto logits = decoder.advance(step);
      ASSERT_TRUE(logits.has_value()) << to_string(logits.error());
      next = {static_cast<std::uint32_t>(largest(column(*logits, 0)))};
      ASSERT_EQ(next[0], wanted[t]) << "prompt " << i << ", token " << t;
    }
  }
}

}  // namespace
}  // namespace hippocrypt
