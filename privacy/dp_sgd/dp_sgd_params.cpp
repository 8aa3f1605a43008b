#include "privacy/dp_sgd/dp_sgd_params.hpp"

#include <cmath>

#include <fmt/core.h>

namespace hippocrypt::privacy {
namespace {

Error not_allowed(const char* field, double value, const char* allowed) {
  return {Errc::out_of_range,
          fmt::format("the privacy setting '{}' is {}; allowed is {}", field, value, allowed)};
}

}  // namespace

Status DpSgdParams::check() const {
  if (!(sampling_rate > 0.0 && sampling_rate <= 1.0)) {
    return not_allowed("sampling_rate", sampling_rate, "a value in (0, 1]");
  }
  if (!(noise_multiplier <= max_noise_multiplier) || std::signbit(noise_multiplier)) {
    return not_allowed("noise_multiplier", noise_multiplier, "a value from 0 to 1e9");
  }
  if (!(clip > 0.0 && clip <= max_clip)) {
    return not_allowed("clip", clip, "a value above 0 and at most 1e30");
  }
  if (!(expected_lot > 0.0 && std::isfinite(expected_lot))) {
    return not_allowed("expected_lot", expected_lot, "a finite value above 0");
  }
  if (!(delta > 0.0 && delta < 1.0)) return not_allowed("delta", delta, "a value inside (0, 1)");
  if (!(budget > 0.0)) return not_allowed("budget", budget, "a value above 0, or infinity");
  if (!(overflow_probability >= 0.0 && overflow_probability <= 1.0) ||
      std::signbit(overflow_probability)) {
    return not_allowed("overflow_probability", overflow_probability, "a value in [0, 1]");
  }
  if (noise_multiplier == 0.0 && !std::isinf(budget)) {
    return Error{Errc::invalid_config,
                 fmt::format("the privacy setting 'noise_multiplier' is 0, which spends an "
                             "infinite epsilon, and 'budget' is {}; set a noise multiplier above "
                             "0, or an infinite budget to train without privacy",
                             budget)};
  }
  return {};
}

}  // namespace hippocrypt::privacy
