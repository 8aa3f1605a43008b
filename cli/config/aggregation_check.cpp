#include <algorithm>
#include <array>
#include <sstream>

#include "cli/config/sections.hpp"
#include "cli/config/suggest.hpp"
#include "federation/aggregator/strategies/krum.hpp"
#include "federation/aggregator/strategies/strategy_table.hpp"
#include "federation/common/round_vector.hpp"

namespace hippocrypt::cli {
namespace {

using federation::FederationConfig;
using federation::StrategyKind;
using federation::StrategyRow;

std::vector<std::string> keys_of(const StrategyRow& row) {
  std::istringstream words{std::string{row.keys}};
  std::vector<std::string> keys;
  for (std::string key; words >> key;) keys.push_back(key);
  return keys;
}

/// A number that the strategy never reads would look as if it did something.
Status check_keys(const Document& document, const StrategyRow& chosen) {
  for (const StrategyRow& row : federation::strategy_table()) {
    for (const std::string& key : keys_of(row)) {
      const std::string path = "aggregation." + key;
      const auto own = keys_of(chosen);
      if (document.find(path) == nullptr) continue;
      if (std::find(own.begin(), own.end(), key) != own.end()) continue;
      return document.problem(
          path, std::string{"is not a setting of "} + to_string(chosen.kind) +
                    (own.empty() ? ", which has none" : ", which has " + word_list(own, "and")) +
                    "; leave it out or choose another aggregation.strategy");
    }
  }
  return {};
}

Status check_secagg(const Document& document, const FederationConfig& config,
                    const StrategyRow& chosen) {
  if (!chosen.needs_each_update || !config.secagg.enabled) return {};
  std::vector<std::string> others;
  for (const StrategyRow& row : federation::strategy_table()) {
    if (!row.needs_each_update) others.emplace_back(to_string(row.kind));
  }
  return document.problem_at_first(
      std::array<std::string, 2>{"aggregation.strategy", "secagg.enabled"},
      std::string{to_string(chosen.kind)} +
          " needs every hospital's own update, and secure aggregation shows the aggregator nothing "
          "but their sum; set secagg.enabled to false (the aggregator then sees each update), or "
          "choose a strategy for which a sum is enough: " +
          word_list(others, "or"));
}

Status check_krum(const Document& document, const FederationConfig& config) {
  const std::size_t needed = federation::krum_minimum(config.aggregation.faulty);
  const std::string withstand = "krum needs 2·faulty + 3 = " + std::to_string(needed) +
                                " hospitals to withstand " +
                                std::to_string(config.aggregation.faulty);
  const std::array<std::string, 2> keys{"aggregation.faulty", "aggregation.strategy"};
  if (config.hospitals.size() < needed) {
    return document.problem_at_first(keys, withstand + ", and there are " +
                                               std::to_string(config.hospitals.size()) +
                                               "; lower aggregation.faulty or choose median");
  }
  if (config.rounds.quorum == 0 || config.rounds.quorum >= needed) return {};
  return document.problem("federation.quorum",
                          withstand +
                              "; a round with fewer contributors would be lost, so that "
                              "the quorum must be at least as large");
}

Status check_trim(const Document& document, const FederationConfig& config) {
  const double cut = config.aggregation.trim * static_cast<double>(config.hospitals.size());
  if (cut + 1e-9 >= 1) return {};
  return document.problem_at_first(
      std::array<std::string, 2>{"aggregation.trim", "aggregation.strategy"},
      "of " + std::to_string(config.hospitals.size()) +
          " hospitals this share cuts off nobody, so that one hostile hospital moves the mean as "
          "far as it likes; raise aggregation.trim or choose median");
}

/// Its control variates are differences of values over the sum of learning rates, which is a mean
/// of gradients only where a step is learning rate times gradient.
Status check_scaffold(const Document& document, const FederationConfig& config) {
  const auto refuse = [&](const char* key, const std::string& what, const char* way_out) {
    return document.problem_at_first(
        std::array<std::string, 2>{key, "aggregation.strategy"},
        "scaffold reads a hospital's mean gradient off the way that its adapter went, which " +
            what + "; set " + way_out + ", or choose fedprox against drift");
  };
  if (config.training.optimizer != federation::OptimizerKind::sgd) {
    return refuse("training.optimizer", "adamw rescales", "training.optimizer to sgd");
  }
  if (config.training.momentum > 0) {
    return refuse("training.momentum", "momentum mixes with that of earlier rounds",
                  "training.momentum to 0");
  }
  if (config.training.weight_decay > 0) {
    return refuse("training.weight_decay", "weight decay bends", "training.weight_decay to 0");
  }
  if (config.adapter.mode == federation::AdapterMode::rolora) {
    return refuse("adapter.mode", "rolora shows of one factor in every round only",
                  "adapter.mode to ffa, lora or fed-sb");
  }
  return {};
}

}  // namespace

Status check_aggregation(const Document& document, const FederationConfig& config) {
  const StrategyRow& chosen = federation::strategy_row(config.aggregation.strategy);
  HIPPOCRYPT_TRY_VOID(check_keys(document, chosen));
  HIPPOCRYPT_TRY_VOID(check_secagg(document, config, chosen));
  if (chosen.kind == StrategyKind::krum) return check_krum(document, config);
  if (chosen.kind == StrategyKind::trimmed_mean) return check_trim(document, config);
  if (chosen.kind == StrategyKind::scaffold) return check_scaffold(document, config);
  return {};
}

}  // namespace hippocrypt::cli
