#include <array>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"

namespace hippocrypt::cli {
namespace {

using federation::StrategyKind;

constexpr std::array strategies{
    StrategyKind::fedavg,       StrategyKind::fedprox,    StrategyKind::fedavgm,
    StrategyKind::fedadam,      StrategyKind::fedyogi,    StrategyKind::fedadagrad,
    StrategyKind::scaffold,     StrategyKind::norm_bound, StrategyKind::median,
    StrategyKind::trimmed_mean, StrategyKind::krum,       StrategyKind::geometric_median};

constexpr RealRule below_one{"of 0 or more and below 1",
                             [](double value) { return value >= 0 && value < 1; }};
constexpr RealRule below_half{"of 0 or more and below 0.5",
                              [](double value) { return value >= 0 && value < 0.5; }};

/// What a server's rate is where the file gives none: one with which an update of the same size in
/// every round moves the adapter by itself, or a small change of a value where steps adapt to it.
double usual_learning_rate(const federation::AggregationConfig& config) {
  switch (config.strategy) {
    case StrategyKind::fedavgm:
      return 1 - config.momentum;
    case StrategyKind::fedadam:
    case StrategyKind::fedyogi:
    case StrategyKind::fedadagrad:
      return 0.01;
    case StrategyKind::fedavg:
    case StrategyKind::fedprox:
    case StrategyKind::scaffold:
    case StrategyKind::norm_bound:
    case StrategyKind::median:
    case StrategyKind::trimmed_mean:
    case StrategyKind::krum:
    case StrategyKind::geometric_median:
      break;
  }
  return 1;
}

}  // namespace

Result<federation::RoundRules> read_rounds(const Document& document) {
  federation::RoundRules rules;
  SectionReader reader{document, "federation"};
  reader.integer("quorum", rules.quorum, {0, 10'000});
  reader.real("deadline_s", rules.deadline_s, above_zero);
  reader.real("grace_s", rules.grace_s, above_zero);
  reader.integer("retry_cap", rules.retry_cap, {0, 1000});
  reader.integer("chunk_kib", rules.chunk_kib, {1, 4096});
  reader.real("heartbeat_s", rules.heartbeat_s, above_zero);
  HIPPOCRYPT_TRY_VOID(reader.finish());
  if (rules.grace_s >= 3 * rules.heartbeat_s) return rules;
  return document.problem_at_first(
      std::array<std::string, 2>{"federation.grace_s", "federation.heartbeat_s"},
      "grace_s must be at least three times heartbeat_s, or a hospital that lost one heartbeat "
      "would be given up");
}

Result<federation::SecAggConfig> read_secagg(const Document& document) {
  federation::SecAggConfig config;
  SectionReader reader{document, "secagg"};
  reader.boolean("enabled", config.enabled);
  reader.integer("threshold", config.threshold, {0, 10'000});
  reader.integer("colluders", config.colluders, {0, 10'000});
  reader.integer("min_contributors", config.min_contributors, {0, 10'000});
  reader.integer("value_bits", config.value_bits, {8, 31});
  reader.real("range", config.range, above_zero);
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

Result<federation::AggregationConfig> read_aggregation(const Document& document) {
  federation::AggregationConfig config;
  SectionReader reader{document, "aggregation"};
  reader.choice("strategy", config.strategy, strategies);
  reader.real("momentum", config.momentum, below_one);
  config.learning_rate = usual_learning_rate(config);
  reader.real("learning_rate", config.learning_rate, above_zero);
  reader.real("beta1", config.beta1, below_one);
  reader.real("beta2", config.beta2, below_one);
  reader.real("tau", config.tau, above_zero);
  reader.real("proximal", config.proximal, zero_or_more);
  reader.real("norm_bound", config.norm_bound, above_zero);
  reader.real("trim", config.trim, below_half);
  reader.integer("faulty", config.faulty, {0, 10'000});
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

}  // namespace hippocrypt::cli
