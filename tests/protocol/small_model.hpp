#pragma once
// A Llama-shaped model of a few thousand weights, with its blind server.

#include <memory>
#include <string_view>

#include "base/random.hpp"
#include "model/model_fingerprint.hpp"
#include "model/weights.hpp"
#include "protocol/server/product_service.hpp"

namespace hippocrypt::protocol::test {

inline model::ModelLiteral small_literal() {
  model::ModelLiteral literal;
  literal.vocab = 32;
  literal.hidden = 48;
  literal.blocks = 2;
  literal.heads = 3;
  literal.kv_heads = 1;
  literal.head_dim = 16;
  literal.ffn = 40;
  literal.max_context = 64;
  return literal;
}

/// Other widths: query_width differs from hidden, nothing is a multiple of 16 but the heads.
inline model::ModelLiteral odd_literal() {
  model::ModelLiteral literal = small_literal();
  literal.hidden = 50;
  literal.blocks = 1;
  literal.heads = 2;
  literal.kv_heads = 2;
  literal.head_dim = 32;
  literal.ffn = 101;
  return literal;
}

/// Normal weights; the first row of every matrix is zero.
inline model::BaseWeights random_weights(const model::ModelConfig& config, std::uint64_t seed) {
  SeededSequence sequence{seed, "protocol test weights"};
  model::BaseWeights base = model::zero_base_weights<float>(config);
  for (auto& block : base.blocks) {
    for (Matrix& weights : block) {
      for (float& value : weights.values()) value = static_cast<float>(0.05 * sequence.normal());
      for (float& value : weights.row(0)) value = 0;
    }
  }
  return base;
}

inline crypto::MaskNonce sample_nonce() {
  crypto::MaskNonce nonce{};
  nonce.fill(0x5a);
  return nonce;
}

struct SmallModel {
  model::ModelConfig config;
  model::BaseWeights base;
  crypto::Params params;
  Hash256 fingerprint;
  std::shared_ptr<const ProductService> service;
};

inline SmallModel make_small_model(std::string_view params_name = "rlwe1024",
                                   const model::ModelLiteral& literal = small_literal(),
                                   crypto::WireFormat wire = {}) {
  const auto config = model::ModelConfig::create(literal).value();
  auto base = random_weights(config, 7);
  const auto params = crypto::Params::named(params_name, wire).value();
  const Hash256 fingerprint = model_fingerprint(config, base);
  auto service =
      ProductService::create(config, base, fingerprint, params, sample_nonce(), 1).value();
  return {config, std::move(base), params, fingerprint, std::move(service)};
}

inline Matrix random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  SeededSequence sequence{seed, "protocol test input"};
  Matrix out{rows, cols};
  for (float& value : out.values()) value = static_cast<float>(sequence.normal());
  return out;
}

}  // namespace hippocrypt::protocol::test
