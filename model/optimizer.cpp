#include "model/optimizer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "model/numeric.hpp"

namespace hippocrypt::model {
namespace {

Status check_fraction(const char* name, double value) {
  if (value >= 0.0 && value < 1.0) return {};  // false for NaN
  return Error{Errc::out_of_range,
               fmt::format("{} is {}; it must be at least 0 and below 1", name, value)};
}

Status check_decay(double value) {
  if (value >= 0.0 && std::isfinite(value)) return {};
  return Error{Errc::out_of_range, fmt::format("weight_decay is {}; it must be 0 or above", value)};
}

Status check_options(const AdamWOptions& options) {
  HIPPOCRYPT_TRY_VOID(check_fraction("beta1", options.beta1));
  HIPPOCRYPT_TRY_VOID(check_fraction("beta2", options.beta2));
  if (!(options.epsilon > 0.0) || !std::isfinite(options.epsilon)) {
    return Error{Errc::out_of_range,
                 fmt::format("epsilon is {}; it must be above 0", options.epsilon)};
  }
  return check_decay(options.weight_decay);
}

Status check_options(const SgdOptions& options) {
  HIPPOCRYPT_TRY_VOID(check_fraction("momentum", options.momentum));
  return check_decay(options.weight_decay);
}

Status check_moments(const std::vector<float>& values) {
  if (all_finite(ConstMatrixView{values.data(), 1, values.size()})) return {};
  return Error{Errc::not_finite, "the optimizer's saved state holds NaN or infinity"};
}

}  // namespace

AdamW::AdamW(AdamWOptions options, AdamWState state)
    : options_{options}, state_{std::move(state)} {}

Result<AdamW> AdamW::create(AdamWOptions options, std::size_t size) {
  HIPPOCRYPT_TRY_VOID(check_options(options));
  return AdamW{options, {0, std::vector<float>(size), std::vector<float>(size)}};
}

Result<AdamW> AdamW::restore(AdamWOptions options, AdamWState state) {
  HIPPOCRYPT_TRY_VOID(check_options(options));
  if (state.first.size() != state.second.size()) {
    return Error{Errc::mismatch, fmt::format("the optimizer's saved moments have {} and {} values",
                                             state.first.size(), state.second.size())};
  }
  HIPPOCRYPT_TRY_VOID(check_moments(state.first));
  HIPPOCRYPT_TRY_VOID(check_moments(state.second));
  return AdamW{options, std::move(state)};
}

void AdamW::step(std::span<float> values, std::span<const float> gradient, double learning_rate) {
  HIPPOCRYPT_CHECK(values.size() == state_.first.size() && gradient.size() == values.size());
  ++state_.steps;
  const double count = static_cast<double>(state_.steps);
  const double first_correction = 1.0 - std::pow(options_.beta1, count);
  const double second_correction = 1.0 - std::pow(options_.beta2, count);
  const double beta1 = options_.beta1;
  const double beta2 = options_.beta2;
  const double kept = 1.0 - learning_rate * options_.weight_decay;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double g = static_cast<double>(gradient[i]);
    const double m = beta1 * static_cast<double>(state_.first[i]) + (1.0 - beta1) * g;
    const double v = beta2 * static_cast<double>(state_.second[i]) + (1.0 - beta2) * g * g;
    state_.first[i] = static_cast<float>(m);
    state_.second[i] = static_cast<float>(v);
    if (learning_rate == 0.0) continue;  // 0 times an infinite update would be NaN
    const double update =
        (m / first_correction) / (std::sqrt(v / second_correction) + options_.epsilon);
    values[i] = static_cast<float>(static_cast<double>(values[i]) * kept - learning_rate * update);
  }
}

Sgd::Sgd(SgdOptions options, SgdState state) : options_{options}, state_{std::move(state)} {}

Result<Sgd> Sgd::create(SgdOptions options, std::size_t size) {
  HIPPOCRYPT_TRY_VOID(check_options(options));
  return Sgd{options, {std::vector<float>(size)}};
}

Result<Sgd> Sgd::restore(SgdOptions options, SgdState state) {
  HIPPOCRYPT_TRY_VOID(check_options(options));
  HIPPOCRYPT_TRY_VOID(check_moments(state.velocity));
  return Sgd{options, std::move(state)};
}

void Sgd::step(std::span<float> values, std::span<const float> gradient, double learning_rate) {
  HIPPOCRYPT_CHECK(values.size() == state_.velocity.size() && gradient.size() == values.size());
  const double kept = 1.0 - learning_rate * options_.weight_decay;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double v = options_.momentum * static_cast<double>(state_.velocity[i]) +
                     static_cast<double>(gradient[i]);
    state_.velocity[i] = static_cast<float>(v);
    if (learning_rate == 0.0) continue;
    values[i] = static_cast<float>(static_cast<double>(values[i]) * kept - learning_rate * v);
  }
}

}  // namespace hippocrypt::model
