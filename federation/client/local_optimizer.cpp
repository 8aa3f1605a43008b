#include "federation/client/local_optimizer.hpp"

#include <string>

namespace hippocrypt::federation {
namespace {

model::AdamWOptions adamw_options(const TrainingConfig& training) {
  return {training.beta1, training.beta2, training.epsilon, training.weight_decay};
}

model::SgdOptions sgd_options(const TrainingConfig& training) {
  return {training.momentum, training.weight_decay};
}

Status check_size(std::size_t found, std::size_t wanted) {
  if (found == wanted) return {};
  return Error{Errc::mismatch, "the optimizer's saved state is of " + std::to_string(found) +
                                   " values; the adapter has " + std::to_string(wanted)};
}

}  // namespace

Result<LocalOptimizer> LocalOptimizer::create(const TrainingConfig& training, std::size_t size) {
  if (training.optimizer == OptimizerKind::sgd) {
    HIPPOCRYPT_TRY(auto sgd, model::Sgd::create(sgd_options(training), size));
    return LocalOptimizer{std::move(sgd)};
  }
  HIPPOCRYPT_TRY(auto adamw, model::AdamW::create(adamw_options(training), size));
  return LocalOptimizer{std::move(adamw)};
}

Result<LocalOptimizer> LocalOptimizer::restore(const TrainingConfig& training, std::size_t size,
                                               OptimizerState state) {
  const bool sgd = training.optimizer == OptimizerKind::sgd;
  if (sgd != std::holds_alternative<model::SgdState>(state)) {
    return Error{Errc::mismatch, std::string{"the saved optimizer state is not of "} +
                                     to_string(training.optimizer)};
  }
  if (sgd) {
    auto& saved = std::get<model::SgdState>(state);
    HIPPOCRYPT_TRY_VOID(check_size(saved.velocity.size(), size));
    HIPPOCRYPT_TRY(auto restored, model::Sgd::restore(sgd_options(training), std::move(saved)));
    return LocalOptimizer{std::move(restored)};
  }
  auto& saved = std::get<model::AdamWState>(state);
  HIPPOCRYPT_TRY_VOID(check_size(saved.first.size(), size));
  HIPPOCRYPT_TRY(auto restored, model::AdamW::restore(adamw_options(training), std::move(saved)));
  return LocalOptimizer{std::move(restored)};
}

void LocalOptimizer::step(std::span<float> values, std::span<const float> gradient,
                          double learning_rate) {
  std::visit([&](auto& optimizer) { optimizer.step(values, gradient, learning_rate); }, kind_);
}

std::size_t LocalOptimizer::size() const {
  if (const auto* sgd = std::get_if<model::Sgd>(&kind_)) return sgd->state().velocity.size();
  return std::get<model::AdamW>(kind_).state().first.size();
}

OptimizerState LocalOptimizer::state() const {
  return std::visit([](const auto& optimizer) { return OptimizerState{optimizer.state()}; }, kind_);
}

}  // namespace hippocrypt::federation
