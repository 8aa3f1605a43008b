#include "federation/plan/memory_forecast.hpp"

#include <algorithm>

#include "crypto/core/params.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/plan/server_traffic.hpp"

namespace hippocrypt::federation {
namespace {

using model::LinearGroup;

constexpr std::uint64_t program_bytes = 24U << 20;
constexpr std::uint64_t word = 4;  // float, and word of a polynomial

template <class Body>
void for_each_group(const Body& body) {
  for (std::size_t g = 0; g < model::linear_group_count; ++g) body(static_cast<LinearGroup>(g));
}

/// Of the blocks' matrices.
std::uint64_t frozen_values(const model::ModelConfig& config) {
  std::uint64_t sum = 0;
  for_each_group([&](LinearGroup group) {
    sum += std::uint64_t{config.out_features(group)} * config.in_features(group);
  });
  return sum * config->blocks;
}

std::uint64_t client_values(const model::ModelConfig& config) {
  const std::uint64_t embedding = std::uint64_t{config->vocab} * config->hidden;
  return embedding * (config->tied_head ? 1 : 2) + (2 * config->blocks + 1) * config->hidden;
}

std::uint64_t most_features(const model::ModelConfig& config) {
  std::size_t most = 0;
  for_each_group([&](LinearGroup group) {
    most = std::max({most, config.out_features(group), config.in_features(group)});
  });
  return most;
}

bool adapts(const AdapterConfig& adapter, LinearGroup group) {
  const auto has = [&](const char* name) {
    return std::find(adapter.targets.begin(), adapter.targets.end(), name) != adapter.targets.end();
  };
  switch (group) {
    case LinearGroup::qkv:
      return has("q") || has("k") || has("v");
    case LinearGroup::attention_out:
      return has("o");
    case LinearGroup::gate_up:
      return has("gate") || has("up");
    case LinearGroup::down:
      return has("down");
    case LinearGroup::head:
      break;
  }
  return false;
}

/// Values a token that a block's forward leaves for its backward (model::BlockCacheT).
std::uint64_t cached_values(const FederationConfig& config, const model::ModelConfig& shape) {
  return 2 * shape->hidden + shape.out_features(LinearGroup::qkv) + shape.query_width() +
         shape.out_features(LinearGroup::gate_up) +
         std::uint64_t{config.adapter.rank} * config.adapter.targets.size();
}

/// Values a token that its backward leaves for the gradients of the units (model::LoraBlockTapeT).
std::uint64_t taped_values(const FederationConfig& config, const model::ModelConfig& shape) {
  const bool has_a = model::trains_a(trainable_of(config.adapter.mode));
  std::uint64_t sum = 2 * std::uint64_t{config.adapter.rank} * config.adapter.targets.size();
  for_each_group([&](LinearGroup group) {
    if (!adapts(config.adapter, group)) return;
    sum += shape.out_features(group) + (has_a ? shape.in_features(group) : 0);
  });
  return sum;
}

/// Values a token of one block's backward that are gone after it, and of the residual stream.
std::uint64_t passing_values(const model::ModelConfig& shape) {
  return 6 * shape->hidden + 4 * shape->ffn + 2 * shape.out_features(LinearGroup::qkv);
}

/// Frames, plaintexts and polynomials of the tiles under way.
std::uint64_t tile_bytes(const FederationConfig& config, const model::ModelConfig& shape) {
  const std::uint64_t values = most_features(shape) * config.encryption.tile_tokens;
  return (config.encryption.tiles_in_flight + 1) * values * 3 * word;
}

}  // namespace

MemoryForecast forecast_memory(const FederationConfig& config,
                               const model::ModelConfig& model_config, std::size_t pass_tokens) {
  const EncryptionConfig& encryption = config.encryption;
  const std::uint64_t frozen = frozen_values(model_config), client = client_values(model_config);
  MemoryForecast out;
  out.program = program_bytes;
  out.model = (frozen + client) * word;
  out.shared = client * word;
  if (encryption.oracle == OracleKind::plain_fp32) out.shared += frozen * word;
  if (encryption.oracle == OracleKind::plain_int8) out.shared += 2 * frozen;
  const auto params = params_of(encryption);
  const auto traffic = server_traffic(config, model_config);
  if (encryption.uses_server() && params && traffic) {
    out.server = 2 * frozen + traffic->setup.down;
    out.shared += most_features(model_config) * params->ring_dim() * word;
    out.working += tile_bytes(config, model_config) + (std::uint64_t{encryption.pad_mib} << 20);
  }
  const std::uint64_t a_token =
      model_config->blocks *
          std::max(cached_values(config, model_config), taped_values(config, model_config)) +
      passing_values(model_config);
  out.working += a_token * pass_tokens * word;
  return out;
}

}  // namespace hippocrypt::federation
