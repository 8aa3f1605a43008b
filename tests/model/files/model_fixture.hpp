#pragma once
// Small models with seeded values for the tests of files.

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

inline ModelLiteral small_literal() {
  ModelLiteral literal;
  literal.vocab = 11;
  literal.hidden = 8;
  literal.blocks = 2;
  literal.heads = 4;
  literal.kv_heads = 2;
  literal.head_dim = 4;
  literal.ffn = 12;
  literal.max_context = 32;
  literal.rope_theta = 500000.0;
  literal.rms_epsilon = 3e-6;
  literal.tied_head = false;
  return literal;
}

/// A model of seeded values.
inline Model small_model(const ModelLiteral& literal) {
  const ModelConfig config = *ModelConfig::create(literal);
  SeededSequence random{3, "model"};
  const auto fill = [&random](std::span<float> values) {
    for (float& value : values) value = static_cast<float>(random.normal());
  };
  Model model{config, {}, {}};
  model.base.blocks.resize(config->blocks);
  for (auto& block : model.base.blocks) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      const auto group = static_cast<LinearGroup>(g);
      block[g] = Matrix(config.out_features(group), config.in_features(group));
      fill(block[g].values());
    }
  }
  model.client.embedding = Matrix(config->vocab, config->hidden);
  fill(model.client.embedding.values());
  for (auto* norms : {&model.client.attention_norm, &model.client.ffn_norm}) {
    norms->assign(config->blocks, std::vector<float>(config->hidden));
    for (auto& norm : *norms) fill(norm);
  }
  model.client.final_norm.resize(config->hidden);
  fill(model.client.final_norm);
  if (!config->tied_head) {
    model.client.head = Matrix(config->vocab, config->hidden);
    fill(model.client.head.values());
  }
  if (config->qkv_bias) {
    model.client.qkv_bias.assign(config->blocks,
                                 std::vector<float>(config.out_features(LinearGroup::qkv)));
    for (auto& bias : model.client.qkv_bias) fill(bias);
  }
  return model;
}

/// Rope scaling by explicit divisors.
inline RopeScaling with_divisors(std::vector<float> divisors) {
  RopeScaling out;
  out.kind = RopeScalingKind::factors;
  out.divisors = std::move(divisors);
  return out;
}

inline void expect_same(const Matrix& a, const Matrix& b) {
  ASSERT_EQ(a.rows(), b.rows());
  ASSERT_EQ(a.cols(), b.cols());
  EXPECT_TRUE(std::equal(a.values().begin(), a.values().end(), b.values().begin()));
}

inline void expect_same(const Model& a, const Model& b) {
  EXPECT_EQ(a.config.fingerprint(), b.config.fingerprint());
  ASSERT_EQ(a.base.blocks.size(), b.base.blocks.size());
  for (std::size_t block = 0; block < a.base.blocks.size(); ++block) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      expect_same(a.base.blocks[block][g], b.base.blocks[block][g]);
    }
  }
  expect_same(a.client.embedding, b.client.embedding);
  expect_same(a.client.head, b.client.head);
  EXPECT_EQ(a.client.attention_norm, b.client.attention_norm);
  EXPECT_EQ(a.client.ffn_norm, b.client.ffn_norm);
  EXPECT_EQ(a.client.final_norm, b.client.final_norm);
  EXPECT_EQ(a.client.qkv_bias, b.client.qkv_bias);
}

}  // namespace hippocrypt::model
