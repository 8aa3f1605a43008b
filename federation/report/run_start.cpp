#include "federation/report/run_start.hpp"

#include <fmt/format.h>

#include "federation/common/run_settings.hpp"

namespace hippocrypt::federation::metrics {
namespace {

using Settings = std::map<std::string, std::string>;

template <class Value>
std::string text_of(const Value& value) {
  return fmt::format("{}", value);
}

void add_rounds(Settings& out, const RoundRules& rules) {
  out["rounds.quorum"] = rules.quorum == 0 ? "derived" : text_of(rules.quorum);
  out["rounds.deadline_s"] = text_of(rules.deadline_s);
  out["rounds.grace_s"] = text_of(rules.grace_s);
  out["rounds.retry_cap"] = text_of(rules.retry_cap);
  out["rounds.chunk_kib"] = text_of(rules.chunk_kib);
  out["rounds.heartbeat_s"] = text_of(rules.heartbeat_s);
}

void add_secagg(Settings& out, const SecAggConfig& secagg) {
  out["secagg.enabled"] = text_of(secagg.enabled);
  if (!secagg.enabled) return;
  out["secagg.threshold"] = secagg.threshold == 0 ? "derived" : text_of(secagg.threshold);
  out["secagg.colluders"] = text_of(secagg.colluders);
  out["secagg.min_contributors"] = text_of(secagg.min_contributors);
  out["secagg.value_bits"] = text_of(secagg.value_bits);
  out["secagg.range"] = text_of(secagg.range);
}

void add_aggregation(Settings& out, const AggregationConfig& aggregation) {
  out["aggregation.strategy"] = to_string(aggregation.strategy);
  out["aggregation.learning_rate"] = text_of(aggregation.learning_rate);
}

}  // namespace

RunStart run_start(const FederationConfig& config, std::uint32_t first_round) {
  RunStart start;
  start.oracle = to_string(config.encryption.oracle);
  start.rounds_planned = config.run.rounds;
  start.steps_per_round = config.run.steps_per_round;
  start.first_round = first_round;
  start.unit = to_string(config.privacy.unit);
  start.delta = config.privacy.delta;
  for (const auto& hospital : config.hospitals) {
    start.budgets[hospital.name] = config.budget_of(hospital);
  }
  if (!config.hospitals.empty()) {
    for (const auto& setting : run_settings(config, 0)) {
      if (setting.key != "hospital.name") start.settings[setting.key] = setting.value;
    }
  }
  add_rounds(start.settings, config.rounds);
  add_secagg(start.settings, config.secagg);
  add_aggregation(start.settings, config.aggregation);
  return start;
}

}  // namespace hippocrypt::federation::metrics
