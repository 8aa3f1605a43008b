#pragma once
// Optimizers over a flat vector of values. Their state is plain numbers, so that a checkpoint can
// hold it; the arithmetic of a step is done in double and rounded once.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::model {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;  ///< decoupled: values shrink by learning_rate·weight_decay a step
};

struct AdamWState {
  std::uint64_t steps = 0;
  std::vector<float> first;   ///< running mean of the gradient
  std::vector<float> second;  ///< running mean of its square
};

/// AdamW (Loshchilov and Hutter 2019), bias-corrected, with PyTorch's conventions.
class AdamW {
 public:
  /// For `size` values. Errors: out_of_range (betas outside [0, 1), an epsilon that is not
  /// positive, a negative decay, or one of them not a number).
  static Result<AdamW> create(AdamWOptions options, std::size_t size);
  /// From a checkpoint. Errors: the same; mismatch (moments of different lengths); not_finite
  /// (moments).
  static Result<AdamW> restore(AdamWOptions options, AdamWState state);

  /// One step. values and gradient have the size given before. A learning rate of 0 updates the
  /// moments and leaves the values bit for bit as they are.
  void step(std::span<float> values, std::span<const float> gradient, double learning_rate);

  const AdamWState& state() const { return state_; }
  const AdamWOptions& options() const { return options_; }

 private:
  AdamW(AdamWOptions options, AdamWState state);
  AdamWOptions options_;
  AdamWState state_;
};

struct SgdOptions {
  double momentum = 0.0;
  double weight_decay = 0.0;  ///< decoupled, as above
};

struct SgdState {
  std::vector<float> velocity;  ///< starts at zero
};

/// velocity = momentum·velocity + gradient; values −= learning_rate·velocity.
class Sgd {
 public:
  /// Errors: out_of_range (momentum outside [0, 1), a negative decay, or one of them not a number).
  static Result<Sgd> create(SgdOptions options, std::size_t size);
  /// Errors: the same; not_finite (velocity).
  static Result<Sgd> restore(SgdOptions options, SgdState state);

  /// As AdamW::step.
  void step(std::span<float> values, std::span<const float> gradient, double learning_rate);

  const SgdState& state() const { return state_; }
  const SgdOptions& options() const { return options_; }

 private:
  Sgd(SgdOptions options, SgdState state);
  SgdOptions options_;
  SgdState state_;
};

}  // namespace hippocrypt::model
