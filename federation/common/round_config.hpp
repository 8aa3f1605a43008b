#pragma once
// How rounds are held and how updates become the next adapter: the sections [federation], [secagg]
// and [aggregation] of the TOML file, checked by cli/config.

#include <cstdint>

namespace hippocrypt::federation {

/// The six knobs. Everything else about time and chances follows from them.
struct RoundRules {
  std::uint32_t quorum = 0;        ///< fewest contributors of a round that counts; 0: derived
  double deadline_s = 3600;        ///< of a round; who shows signs of life is awaited until then
  double grace_s = 120;            ///< for whoever is silent, and after the deadline
  std::uint32_t retry_cap = 3;     ///< how often a round without quorum is tried again
  std::uint32_t chunk_kib = 4096;  ///< KiB of a message that travel at once
  double heartbeat_s = 10;         ///< between two signs of life
};

/// Secure aggregation (federation/secagg): the aggregator learns only the sum.
struct SecAggConfig {
  bool enabled = true;
  std::uint32_t threshold = 0;  ///< hospitals that can unmask; 0: the least safe one
  std::uint32_t colluders = 0;  ///< hospitals that may help a hostile aggregator
  std::uint32_t min_contributors = 3;
  std::uint32_t value_bits = 24;  ///< of a value in fixed point, its sign included
  double range = 8;               ///< largest magnitude of a value of an update
};

/// What the aggregator makes of a round's updates; `fedprox` and `scaffold` have a part at the
/// hospitals too.
enum class StrategyKind : std::uint8_t {
  fedavg,
  fedprox,
  fedavgm,
  fedadam,
  fedyogi,
  fedadagrad,
  scaffold,
  norm_bound,
  median,
  trimmed_mean,
  krum,
  geometric_median
};
const char* to_string(StrategyKind kind);

struct AggregationConfig {
  StrategyKind strategy = StrategyKind::fedavg;
  double learning_rate = 1;          ///< of the server
  double momentum = 0.9;             ///< fedavgm
  double beta1 = 0.9, beta2 = 0.99;  ///< fedadam, fedyogi
  double tau = 1e-3;                 ///< fedadam, fedyogi, fedadagrad: added to the root
  double proximal = 0.01;            ///< fedprox: mu
  double norm_bound = 1;             ///< norm_bound: L2 norm that an update is cut to
  double trim = 0.2;                 ///< trimmed_mean: share cut off at either end
  std::uint32_t faulty = 1;          ///< krum: hostile hospitals that it withstands
};

}  // namespace hippocrypt::federation
