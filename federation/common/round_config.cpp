#include "federation/common/round_config.hpp"

namespace hippocrypt::federation {

const char* to_string(StrategyKind kind) {
  switch (kind) {
    case StrategyKind::fedavg:
      return "fedavg";
    case StrategyKind::fedprox:
      return "fedprox";
    case StrategyKind::fedavgm:
      return "fedavgm";
    case StrategyKind::fedadam:
      return "fedadam";
    case StrategyKind::fedyogi:
      return "fedyogi";
    case StrategyKind::fedadagrad:
      return "fedadagrad";
    case StrategyKind::scaffold:
      return "scaffold";
    case StrategyKind::norm_bound:
      return "norm-bound";
    case StrategyKind::median:
      return "median";
    case StrategyKind::trimmed_mean:
      return "trimmed-mean";
    case StrategyKind::krum:
      return "krum";
    case StrategyKind::geometric_median:
      return "geometric-median";
  }
  return "unknown";
}

}  // namespace hippocrypt::federation
