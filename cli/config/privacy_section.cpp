#include <array>
#include <cmath>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::array ledger_places{federation::LedgerPlace::dataset, federation::LedgerPlace::run};
// The limits of privacy::DpSgdParams.
constexpr RealRule noise_rule{"from 0 to 1e9", [](double value) {
                                return value >= 0 && value <= 1e9 && !std::signbit(value);
                              }};
constexpr RealRule clip_rule{"above 0 and at most 1e30",
                             [](double value) { return value > 0 && value <= 1e30; }};
constexpr std::array units{federation::PrivacyUnit::patient, federation::PrivacyUnit::note};

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
  reader.section("dp_forward");
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

}  // namespace hippocrypt::cli
