#include "benchmarks/shaped_model.hpp"

#include <cmath>
#include <cstdio>

namespace hippocrypt::bench {
namespace {

/// A multiplicative congruential generator: a billion weights in a second or two.
class FastRandom {
 public:
  explicit FastRandom(std::uint64_t seed) : state_{seed * 2 + 1} {}
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>(state_ >> 33);
  }

 private:
  std::uint64_t state_;
};

void fill_uniform(std::uint64_t seed, double std, Matrix& out) {
  // Uniform in -127…127 has a standard deviation of 73.6.
  const auto step = static_cast<float>(std / 73.6);
  FastRandom random{seed};
  for (float& value : out.values()) {
    value = step * static_cast<float>(static_cast<int>(random.next() % 255) - 127);
  }
}

}  // namespace

model::ModelLiteral small_shape() {
  model::ModelLiteral literal;
  literal.vocab = 49152;
  literal.hidden = 576;
  literal.blocks = 30;
  literal.heads = 9;
  literal.kv_heads = 3;
  literal.head_dim = 64;
  literal.ffn = 1536;
  literal.max_context = 2048;
  literal.tied_head = true;
  return literal;
}

model::ModelLiteral billion_shape() {
  model::ModelLiteral literal;
  literal.vocab = 128256;
  literal.hidden = 2048;
  literal.blocks = 16;
  literal.heads = 32;
  literal.kv_heads = 8;
  literal.head_dim = 64;
  literal.ffn = 8192;
  literal.max_context = 2048;
  literal.tied_head = true;
  return literal;
}

model::BaseWeights random_base(const model::ModelConfig& config) {
  model::BaseWeights base = model::zero_base_weights<float>(config);
  std::uint64_t seed = 1;
  for (auto& block : base.blocks) {
    for (Matrix& weights : block) {
      fill_uniform(seed++, 0.7 / std::sqrt(static_cast<double>(weights.cols())), weights);
    }
  }
  return base;
}

model::ClientWeights random_client(const model::ModelConfig& config) {
  model::ClientWeights client = model::zero_client_weights<float>(config);
  fill_uniform(1000, 0.02, client.embedding);
  if (client.head.size() != 0) fill_uniform(1001, 0.02, client.head);
  for (auto& gains : client.attention_norm) std::fill(gains.begin(), gains.end(), 1.0F);
  for (auto& gains : client.ffn_norm) std::fill(gains.begin(), gains.end(), 1.0F);
  std::fill(client.final_norm.begin(), client.final_norm.end(), 1.0F);
  return client;
}

std::size_t peak_resident_bytes() {
  std::FILE* const status = std::fopen("/proc/self/status", "r");
  if (status == nullptr) return 0;
  char line[256];
  std::size_t kibibytes = 0;
  while (std::fgets(line, sizeof line, status) != nullptr) {
    if (std::sscanf(line, "VmHWM: %zu kB", &kibibytes) == 1) break;
  }
  std::fclose(status);
  return kibibytes * 1024;
}

}  // namespace hippocrypt::bench
