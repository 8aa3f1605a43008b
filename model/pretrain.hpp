#pragma once
// Pretraining of a small model from random weights, in plaintext, on public text. Data-parallel
// over a fixed number of shards whose gradients are added in order, so the result is the same bit
// for bit on any number of threads.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

struct PretrainOptions {
  std::size_t steps = 0;            ///< 0: as many as `epochs` need
  double epochs = 1.0;              ///< passes over the sequences; used when steps is 0
  std::size_t batch_tokens = 4096;  ///< tokens of one step, at least (whole sequences are taken)
  std::size_t shards = 4;           ///< parts of a step; part of the result, unlike threads
  std::size_t threads = 2;
  double learning_rate = 2e-3;  ///< peak, after the warm-up
  double floor_fraction = 0.1;  ///< of the peak, at the last step
  std::size_t warmup_steps = 100;
  double weight_decay = 0.1;  ///< on matrices; gains of norms are not decayed
  double beta2 = 0.95;
  double clip_norm = 1.0;  ///< of the gradient of the mean loss
  double initial_std = 0.02;
  std::uint64_t seed = 1;
};

struct PretrainProgress {
  std::size_t step, steps;
  double loss;  ///< mean nats a token of this step
  double learning_rate;
  double gradient_norm;      ///< before clipping
  double tokens_per_second;  ///< since the last call
};

/// Weights to start from: normal with standard deviation `std`, the matrices that write to the
/// residual stream (o, down) scaled by 1/sqrt(2·blocks) (GPT-2), gains 1.
Model initial_model(const ModelConfig& config, std::uint64_t seed, double std = 0.02);

/// Trains every weight with AdamW to predict the next token of `sequences`, which are cut at
/// max_context. `progress` may be empty; it is called after every step on the calling thread.
/// Errors: out_of_range (options, a token outside the vocabulary, nothing to predict);
/// not_finite (the loss diverged: lower the learning rate).
Result<Model> pretrain(const ModelConfig& config,
                       const std::vector<std::vector<std::uint32_t>>& sequences,
                       const PretrainOptions& options,
                       const std::function<void(const PretrainProgress&)>& progress);

}  // namespace hippocrypt::model
