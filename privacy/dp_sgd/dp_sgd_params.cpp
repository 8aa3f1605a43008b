#include "privacy/dp_sgd/dp_sgd_params.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace hippocrypt::privacy {
namespace {

Error not_allowed(const char* field, double value, const char* allowed) {
  return {Errc::out_of_range,
          fmt::format("the privacy setting '{}' is {}; allowed is {}", field, value, allowed)};
}

Status check_adaptive(const AdaptiveClipParams& adaptive, double noise_multiplier) {
  if (!(adaptive.quantile >= 0.0 && adaptive.quantile <= 1.0)) {
    return not_allowed("clip_quantile", adaptive.quantile, "a value in [0, 1]");
  }
  if (!(adaptive.learning_rate > 0.0 && adaptive.learning_rate <= 10.0)) {
    return not_allowed("clip_learning_rate", adaptive.learning_rate, "a value in (0, 10]");
  }
  if (!(adaptive.count_noise > 0.0 && adaptive.count_noise <= max_noise_multiplier)) {
    return not_allowed("clip_count_noise", adaptive.count_noise, "a value in (0, 1e9]");
  }
  if (noise_multiplier < 2.0 * adaptive.count_noise) return {};
  return Error{Errc::invalid_config,
               fmt::format("adaptive clipping needs clip_count_noise above half the noise "
                           "multiplier: it is {:g}, and {:g} / 2 is {:g}; raise clip_count_noise",
                           adaptive.count_noise, noise_multiplier, noise_multiplier / 2.0)};
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
  HIPPOCRYPT_TRY_VOID(check_schedules());
  if (clipping != Clipping::adaptive) return {};
  const bool varies = noise_schedule.kind != StepScheduleKind::constant;
  return check_adaptive(adaptive, std::max(noise_multiplier, varies ? noise_schedule.last : 0.0));
}

Status DpSgdParams::check_schedules() const {
  if (noise_schedule.kind != StepScheduleKind::constant) {
    if (!(noise_schedule.last > 0.0 && noise_schedule.last <= max_noise_multiplier)) {
      return not_allowed("final_noise_multiplier", noise_schedule.last, "a value in (0, 1e9]");
    }
    if (!(noise_multiplier > 0.0)) {
      return not_allowed("noise_multiplier", noise_multiplier,
                         "a value above 0 where it has a schedule");
    }
  }
  if (clip_schedule.kind == StepScheduleKind::constant) return {};
  if (!(clip_schedule.last > 0.0 && clip_schedule.last <= max_clip)) {
    return not_allowed("final_clip", clip_schedule.last, "a value above 0 and at most 1e30");
  }
  if (clipping != Clipping::adaptive) return {};
  return Error{Errc::invalid_config,
               "the privacy setting 'clip_schedule' is not a setting of adaptive clipping, which "
               "moves the clip norm itself; leave one of the two out"};
}

double DpSgdParams::multiplier_at(std::uint64_t step) const {
  return noise_schedule.at(noise_multiplier, step);
}

double DpSgdParams::clip_at(std::uint64_t step) const { return clip_schedule.at(clip, step); }

double DpSgdParams::smallest_multiplier(std::uint64_t first_step, std::uint64_t count) const {
  // Every schedule runs in one direction.
  return std::min(multiplier_at(first_step),
                  multiplier_at(first_step + std::max<std::uint64_t>(count, 1) - 1));
}

ClipRule DpSgdParams::rule(double multiplier, double clip_norm) const {
  const NoiseGrid grid =
      multiplier > 0.0 ? NoiseGrid::of(multiplier) : NoiseGrid::without_noise(clip_norm);
  ClipRule rule{clipping, clip_norm, grid, 0};
  if (clipping != Clipping::adaptive) return rule;
  // A unit moves the counter by one half up or down (arXiv:1905.03871).
  const double half_unit =
      rule.grid.has_noise ? std::ldexp(1.0, rule.grid.log2_sigma) / (2.0 * adaptive.count_noise)
                          : std::min(rule.grid.sensitivity / 4.0, 0x1p30);
  rule.counter = std::max<std::int64_t>(1, static_cast<std::int64_t>(half_unit));
  return rule;
}

}  // namespace hippocrypt::privacy
