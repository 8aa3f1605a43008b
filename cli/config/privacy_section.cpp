#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::array ledger_places{federation::LedgerPlace::dataset, federation::LedgerPlace::run};
// The limits of privacy::DpSgdParams.
constexpr RealRule noise_rule{"from 0 to 1e9", [](double value) {
                                return value >= 0 && value <= 1e9 && !std::signbit(value);
                              }};
constexpr RealRule final_noise_rule{"above 0 and at most 1e9",
                                    [](double value) { return value > 0 && value <= 1e9; }};
constexpr RealRule clip_rule{"above 0 and at most 1e30",
                             [](double value) { return value > 0 && value <= 1e30; }};
constexpr RealRule quantile_rule{"from 0 to 1",
                                 [](double value) { return value >= 0 && value <= 1; }};
constexpr RealRule step_rule{"above 0 and at most 10",
                             [](double value) { return value > 0 && value <= 10; }};
constexpr RealRule count_noise_rule{"above 0 and at most 1e9",
                                    [](double value) { return value > 0 && value <= 1e9; }};
constexpr std::array clippings{federation::ClippingMode::flat, federation::ClippingMode::per_layer,
                               federation::ClippingMode::adaptive};
constexpr std::array schedules{
    federation::PrivacySchedule::constant, federation::PrivacySchedule::linear,
    federation::PrivacySchedule::exponential, federation::PrivacySchedule::step};
constexpr std::array units{federation::PrivacyUnit::patient, federation::PrivacyUnit::note};

std::string shown(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

void read_clipping(SectionReader& reader, federation::PrivacyConfig& config) {
  reader.real("clip_quantile", config.clip_quantile, quantile_rule);
  reader.real("clip_learning_rate", config.clip_learning_rate, step_rule);
  reader.real("clip_count_noise", config.clip_count_noise, count_noise_rule);
  if (config.clipping != federation::ClippingMode::adaptive) {
    for (const char* key : {"clip_quantile", "clip_learning_rate", "clip_count_noise"}) {
      if (!reader.has(key)) continue;
      reader.complain(key, std::string{"is not a setting of "} + to_string(config.clipping) +
                               " clipping; leave it out or set privacy.clipping to adaptive");
    }
    return;
  }
  const double largest = std::max(config.noise_multiplier, config.final_noise_multiplier);
  if (largest < 2 * config.clip_count_noise) return;
  reader.complain(reader.has("clip_count_noise") ? "clip_count_noise" : "clipping",
                  "the count of units within the clip norm needs clip_count_noise (" +
                      shown(config.clip_count_noise) + ") above half of the noise multiplier (" +
                      shown(largest) + "); raise clip_count_noise");
}

/// A schedule and the value at its end.
void read_schedule(SectionReader& reader, const char* key, federation::PrivacySchedule& schedule,
                   const char* end_key) {
  reader.choice(key, schedule, schedules);
  const bool is_constant = schedule == federation::PrivacySchedule::constant;
  if (is_constant && reader.has(end_key)) {
    reader.complain(end_key,
                    "is not a setting of a constant schedule; leave it out or set "
                    "privacy." +
                        std::string{key} + " to linear, exponential or step");
  }
  if (is_constant) return;
  reader.require(end_key, "the value at the last step");
}

void read_schedules(SectionReader& reader, federation::PrivacyConfig& config) {
  config.final_noise_multiplier = config.noise_multiplier;
  config.final_clip = config.clip;
  reader.real("final_noise_multiplier", config.final_noise_multiplier, final_noise_rule);
  reader.real("final_clip", config.final_clip, clip_rule);
  read_schedule(reader, "noise_schedule", config.noise_schedule, "final_noise_multiplier");
  read_schedule(reader, "clip_schedule", config.clip_schedule, "final_clip");
  reader.integer("schedule_stages", config.schedule_stages, {2, 1'000'000});
  const auto step = federation::PrivacySchedule::step;
  if (reader.has("schedule_stages") && config.noise_schedule != step &&
      config.clip_schedule != step) {
    reader.complain("schedule_stages",
                    "is a setting of step schedules only; leave it out or set "
                    "privacy.noise_schedule or privacy.clip_schedule to step");
  }
  if (config.noise_schedule != federation::PrivacySchedule::constant &&
      !(config.noise_multiplier > 0)) {
    reader.complain("noise_schedule", "needs a noise_multiplier above 0 to start from");
  }
  if (config.clip_schedule != federation::PrivacySchedule::constant &&
      config.clipping == federation::ClippingMode::adaptive) {
    reader.complain("clip_schedule",
                    "is not a setting of adaptive clipping, which moves the clip norm itself; "
                    "leave one of the two out");
  }
}

}  // namespace

Result<federation::PrivacyConfig> read_privacy(const Document& document) {
  federation::PrivacyConfig config;
  SectionReader reader{document, "privacy"};
  reader.choice("unit", config.unit, units);
  reader.real("noise_multiplier", config.noise_multiplier, noise_rule);
  reader.real("clip", config.clip, clip_rule);
  reader.real("sampling_rate", config.sampling_rate, rate);
  reader.real("expected_lot", config.expected_lot, above_zero);
  reader.real("delta", config.delta, probability);
  reader.real("budget", config.budget, privacy_budget);
  reader.choice("ledger", config.ledger, ledger_places);
  reader.path("ledger_home", config.ledger_home);
  reader.boolean("deidentify", config.deidentify);
  reader.section("dp_forward");
  reader.choice("clipping", config.clipping, clippings);
  read_schedules(reader, config);
  read_clipping(reader, config);
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

}  // namespace hippocrypt::cli
