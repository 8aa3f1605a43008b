#include "model/sampling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hippocrypt::model {
namespace {

Status check_logits(std::span<const float> logits) {
  if (logits.empty()) return Error{Errc::out_of_range, "there are no logits to choose from"};
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (std::isfinite(logits[i])) continue;
    return Error{Errc::not_finite,
                 fmt::format("the logit of token {} is NaN or infinite; the model or its adapter "
                             "has diverged",
                             i)};
  }
  return {};
}

/// The `count` likeliest tokens, likeliest first.
std::vector<std::uint32_t> likeliest(std::span<const float> logits, std::size_t count) {
  std::vector<std::uint32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(order.begin(), end, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
  });
  order.resize(count);
  return order;
}

void normalise(std::vector<Candidate>& from) {
  double sum = 0.0;
  for (const Candidate& candidate : from) sum += candidate.probability;
  for (Candidate& candidate : from) candidate.probability /= sum;
}

}  // namespace

Result<SamplingConfig> SamplingConfig::create(SamplingLiteral literal) {
  if (!std::isfinite(literal.temperature) || !std::isfinite(literal.top_p)) {
    return Error{Errc::not_finite, "temperature and top_p must be numbers"};
  }
  if (literal.temperature < 0.0) {
    return Error{Errc::out_of_range, fmt::format("temperature must be 0 (greedy) or above, not {}",
                                                 literal.temperature)};
  }
  if (literal.top_p <= 0.0 || literal.top_p > 1.0) {
    return Error{Errc::out_of_range,
                 fmt::format("top_p must be above 0 and at most 1, not {}", literal.top_p)};
  }
  return SamplingConfig{literal};
}

Result<std::vector<Candidate>> candidates(std::span<const float> logits,
                                          const SamplingConfig& config) {
  HIPPOCRYPT_TRY_VOID(check_logits(logits));
  // Of equal values max_element gives the first.
  const auto largest = std::max_element(logits.begin(), logits.end());
  if (config.greedy()) {
    return std::vector{Candidate{static_cast<std::uint32_t>(largest - logits.begin()), 1.0}};
  }
  const std::size_t kept =
      config->top_k == 0 ? logits.size() : std::min(config->top_k, logits.size());
  std::vector<Candidate> result;
  const auto weigh = [&](std::uint32_t token) {
    const double distance = static_cast<double>(logits[token]) - static_cast<double>(*largest);
    result.push_back({token, std::exp(distance / config->temperature)});
  };
  if (kept == logits.size() && config->top_p == 1.0) {
    for (std::uint32_t token = 0; token < logits.size(); ++token) weigh(token);
    normalise(result);
    return result;
  }
  for (const std::uint32_t token : likeliest(logits, kept)) weigh(token);
  normalise(result);
  double reached = 0.0;
  std::size_t nucleus = 0;
  while (nucleus < result.size() && reached < config->top_p) {
    reached += result[nucleus++].probability;
  }
  result.resize(nucleus);
  normalise(result);
  return result;
}

Result<std::uint32_t> sample(std::span<const float> logits, const SamplingConfig& config,
                             SeededSequence& random) {
  HIPPOCRYPT_TRY(const std::vector<Candidate> from, candidates(logits, config));
  if (config.greedy()) return from.front().token;
  double rest = random.uniform();
  for (const Candidate& candidate : from) {
    rest -= candidate.probability;
    if (rest < 0.0) return candidate.token;
  }
  return from.back().token;  // the probabilities may add up to a little less than 1
}

}  // namespace hippocrypt::model
