#pragma once
// What a model of some shape costs the blind server and the network, before anything is built.

#include <cstdint>
#include <optional>

#include "model/config.hpp"

namespace hippocrypt::cli {

struct ParameterCounts {
  std::uint64_t frozen = 0;  ///< the blocks' matrices: the blind server's
  std::uint64_t embedding = 0;
  std::uint64_t head = 0;  ///< 0 when tied
  std::uint64_t rest = 0;  ///< gains and biases
  std::uint64_t total() const { return frozen + embedding + head + rest; }
};
ParameterCounts parameter_counts(const model::ModelConfig& config);

/// int8 values and a float scale a row, once (the server packs them for both directions).
std::uint64_t int8_bytes(const model::ModelConfig& config);

/// The setup's body: hints of both directions and row scales, for rings of `ring_dim`. Nothing for
/// a model beyond the protocol's limits.
std::optional<std::uint64_t> hint_bytes(const model::ModelConfig& config, std::size_t ring_dim);

/// Ciphertext bytes of one token of a full tile, at the usual 24 bits up and 16 down.
struct TokenTraffic {
  std::uint64_t forward_up = 0, forward_down = 0;
  std::uint64_t backward_up = 0, backward_down = 0;  ///< without the first block's qkv
  std::uint64_t forward() const { return forward_up + forward_down; }
  std::uint64_t step() const { return forward() + backward_up + backward_down; }
};
TokenTraffic token_traffic(const model::ModelConfig& config);

}  // namespace hippocrypt::cli
