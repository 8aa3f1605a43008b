#pragma once
// A model's frozen matrices one block at a time, for who has not the memory for all.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "model/weights.hpp"

namespace hippocrypt::model {

/// The stacked matrices of one block.
using BlockWeights = std::array<Matrix, linear_group_count>;

/// Hears of every block that a loader has read, in their order, before the next is read; what it
/// takes out of the block is not in the model, and never in memory together with the rest.
using BlockSink =
    std::function<void(const ModelConfig& config, std::uint32_t block, BlockWeights& weights)>;

/// All zero, of the shapes that `config` asks for.
template <class T = float>
std::array<MatrixT<T>, linear_group_count> zero_block_weights(const ModelConfig& config) {
  std::array<MatrixT<T>, linear_group_count> block;
  for (std::size_t g = 0; g < linear_group_count; ++g) {
    const auto group = static_cast<LinearGroup>(g);
    block[g] = MatrixT<T>{config.out_features(group), config.in_features(group)};
  }
  return block;
}

}  // namespace hippocrypt::model
