// The way of the benchmark shape_1b in small: random weights made anew whenever hints are, hints
// mapped from a file, all threads, a forward and backward with LoRA on every matrix.

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"
#include "model/plain_oracle.hpp"
#include "model/transformer.hpp"
#include "model/unit_gradient.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/in_process_transport.hpp"
#include "protocol/server/deployment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt {
namespace {

/// Llama-3.2-1B's proportions: grouped heads, wide feed-forward, large vocabulary, tied.
model::ModelConfig small_llama() {
  model::ModelLiteral literal;
  literal.vocab = 1500;
  literal.hidden = 64;
  literal.blocks = 2;
  literal.heads = 4;
  literal.kv_heads = 1;
  literal.head_dim = 16;
  literal.ffn = 256;
  literal.max_context = 64;
  literal.tied_head = true;
  return model::ModelConfig::create(literal).value();
}

model::BaseWeights random_base(const model::ModelConfig& config) {
  SeededSequence random{4, "large shape"};
  model::BaseWeights base = model::zero_base_weights<float>(config);
  for (auto& block : base.blocks) {
    for (Matrix& weights : block) {
      for (float& value : weights.values()) value = static_cast<float>(0.08 * random.normal());
    }
  }
  return base;
}

model::ClientWeights random_client(const model::ModelConfig& config) {
  SeededSequence random{5, "large shape client"};
  model::ClientWeights client = model::zero_client_weights<float>(config);
  for (float& value : client.embedding.values()) value = static_cast<float>(random.normal());
  for (auto* gains : {&client.attention_norm, &client.ffn_norm}) {
    for (auto& block : *gains) std::fill(block.begin(), block.end(), 1.0F);
  }
  std::fill(client.final_norm.begin(), client.final_norm.end(), 1.0F);
  return client;
}

model::LoraAdapter adapter_of(const model::ModelConfig& config) {
  using model::LoraTarget;
  const model::LoraLiteral literal{8,
                                   16.0,
                                   {LoraTarget::q, LoraTarget::k, LoraTarget::v, LoraTarget::o,
                                    LoraTarget::gate, LoraTarget::up, LoraTarget::down}};
  auto adapter = model::initial_adapter(config, model::LoraConfig::create(literal, config).value(),
                                        model::LoraInit::kaiming_uniform, 1);
  for (std::size_t b = 0; b < adapter.blocks(); ++b) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      for (float& value : adapter.at(b, i).b.values()) value = 0.01F;
    }
  }
  return adapter;
}

model::Batch random_batch(const model::ModelConfig& config) {
  SeededSequence random{6, "tokens"};
  model::Batch batch;
  for (int s = 0; s < 4; ++s) {
    std::vector<std::uint32_t> tokens(64);
    for (auto& token : tokens) token = static_cast<std::uint32_t>(random.below(config->vocab));
    model::append_sequence(batch, tokens, 1.0F / 256);
  }
  return batch;
}

struct Outcome {
  double loss;
  std::vector<float> gradient;
};

Outcome step(const model::ModelConfig& config, model::LinearOracle& oracle) {
  const model::ClientWeights client = random_client(config);
  const model::LoraAdapter adapter = adapter_of(config);
  const model::Batch batch = random_batch(config);
  const model::Transformer transformer{config, client, oracle, {.threads = 2}};
  const auto done = transformer.forward_backward(batch, adapter, model::Trainable::both).value();
  Outcome out{done.report.weighted_nll, std::vector<float>(model::trainable_count(
                                            config, adapter.config(), model::Trainable::both))};
  model::unit_gradient<float>(done.tape, batch.sequences, out.gradient, 2);
  return out;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return ab / std::sqrt(aa * bb);
}

TEST(LargeShapeTest, AStepWithMappedHintsAgreesWithThePlainOne) {
  const auto config = small_llama();
  const auto params = crypto::Params::named("rlwe1024").value();
  const test_support::TemporaryFolder folder;
  SystemRandom random;
  auto int8 = model::PlainInt8Oracle::create(random_base(config), 2).value();
  const Outcome plain = step(config, int8);
  for (const bool expect_cached : {false, true}) {
    int loads = 0;
    std::shared_ptr<const protocol::Deployment> deployment =
        protocol::Deployment::create(
            config,
            [&]() -> Result<protocol::ServedWeights> {
              ++loads;
              return protocol::ServedWeights::of(config, random_base(config));
            },
            {.params = params,
             .threads = 2,
             .cache = folder.path(),
             .tiles_per_nonce = params.max_tiles_per_nonce()},
            random)
            .value();
    EXPECT_EQ(deployment->from_cache(), expect_cached);
    EXPECT_EQ(loads, 1);
    protocol::InProcessTransport transport{deployment};
    const auto setup = protocol::ServerSetup::fetch(transport, params, config).value();
    protocol::EncryptedOracle oracle{
        setup, transport, random, {.tile_tokens = params.ring_dim(), .threads = 2}};
    const Outcome own = step(config, oracle);
    EXPECT_NEAR(own.loss, plain.loss, 1e-3 * plain.loss);
    EXPECT_GE(cosine(own.gradient, plain.gradient), 0.9995);
    EXPECT_EQ(oracle.requests(), 15U) << "four products a block and direction, but three backward "
                                         "in the first block";
  }
}

}  // namespace
}  // namespace hippocrypt
