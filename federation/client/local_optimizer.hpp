#pragma once
// The optimizer that a configuration asks for, behind one set of calls, and its state for
// checkpoints.

#include <cstddef>
#include <span>
#include <variant>

#include "federation/common/federation_config.hpp"
#include "model/optimizer.hpp"

namespace hippocrypt::federation {

/// What an optimizer remembers; the alternative says of which kind it is.
using OptimizerState = std::variant<model::AdamWState, model::SgdState>;

class LocalOptimizer {
 public:
  /// For `size` values. Errors: out_of_range (the optimizer's options).
  static Result<LocalOptimizer> create(const TrainingConfig& training, std::size_t size);
  /// From a checkpoint. Errors: the same; mismatch (another kind of optimizer, another size);
  /// not_finite (its numbers).
  static Result<LocalOptimizer> restore(const TrainingConfig& training, std::size_t size,
                                        OptimizerState state);

  /// Values that it moves.
  std::size_t size() const;
  void step(std::span<float> values, std::span<const float> gradient, double learning_rate);
  OptimizerState state() const;

 private:
  using Kind = std::variant<model::AdamW, model::Sgd>;
  explicit LocalOptimizer(Kind kind) : kind_{std::move(kind)} {}
  Kind kind_;
};

}  // namespace hippocrypt::federation
