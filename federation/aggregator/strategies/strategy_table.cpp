#include "federation/aggregator/strategies/strategy_table.hpp"

#include <array>

#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/aggregator/strategies/fed_avg_m.hpp"
#include "federation/aggregator/strategies/fed_opt.hpp"
#include "federation/aggregator/strategies/geometric_median.hpp"
#include "federation/aggregator/strategies/krum.hpp"
#include "federation/aggregator/strategies/norm_bound.hpp"
#include "federation/aggregator/strategies/scaffold.hpp"
#include "federation/aggregator/strategies/trimmed_mean.hpp"

namespace hippocrypt::federation {
namespace {

using Made = std::unique_ptr<Strategy>;

Made fed_avg(const StrategySetup&) { return std::make_unique<FedAvg>(); }
Made fed_avg_m(const StrategySetup& setup) {
  return std::make_unique<FedAvgM>(
      FedAvgMOptions{setup.config.learning_rate, setup.config.momentum});
}
Made fed_opt(const StrategySetup& setup, AdaptiveRule rule) {
  const AggregationConfig& config = setup.config;
  const double beta1 = rule == AdaptiveRule::adagrad ? 0.0 : config.beta1;
  return std::make_unique<FedOpt>(
      FedOptOptions{rule, config.learning_rate, beta1, config.beta2, config.tau});
}
Made fed_adam(const StrategySetup& setup) { return fed_opt(setup, AdaptiveRule::adam); }
Made fed_yogi(const StrategySetup& setup) { return fed_opt(setup, AdaptiveRule::yogi); }
Made fed_adagrad(const StrategySetup& setup) { return fed_opt(setup, AdaptiveRule::adagrad); }
Made scaffold(const StrategySetup& setup) {
  return std::make_unique<Scaffold>(
      ScaffoldOptions{setup.config.learning_rate, setup.total_weight});
}
Made norm_bound(const StrategySetup& setup) {
  return std::make_unique<NormBound>(setup.config.norm_bound);
}
Made median(const StrategySetup&) { return std::make_unique<Median>(); }
Made trimmed_mean(const StrategySetup& setup) {
  return std::make_unique<TrimmedMean>(setup.config.trim);
}
Made krum(const StrategySetup& setup) { return std::make_unique<Krum>(setup.config.faulty); }
Made geometric_median(const StrategySetup&) { return std::make_unique<GeometricMedian>(); }

constexpr std::array table{
    StrategyRow{StrategyKind::fedavg, fed_avg, false, false, "", "weighted mean of the updates",
                "McMahan et al. 2017, arXiv:1602.05629"},
    StrategyRow{StrategyKind::fedprox, fed_avg, false, false, "proximal",
                "fedavg; hospitals are pulled back to the global adapter",
                "Li et al. 2020, arXiv:1812.06127"},
    StrategyRow{StrategyKind::fedavgm, fed_avg_m, false, false, "learning_rate momentum",
                "momentum at the server", "Hsu et al. 2019, arXiv:1909.06335"},
    StrategyRow{StrategyKind::fedadam, fed_adam, false, false, "learning_rate beta1 beta2 tau",
                "Adam at the server", "Reddi et al. 2021, arXiv:2003.00295"},
    StrategyRow{StrategyKind::fedyogi, fed_yogi, false, false, "learning_rate beta1 beta2 tau",
                "Yogi at the server", "Reddi et al. 2021, arXiv:2003.00295"},
    StrategyRow{StrategyKind::fedadagrad, fed_adagrad, false, false, "learning_rate tau",
                "Adagrad at the server", "Reddi et al. 2021, arXiv:2003.00295"},
    StrategyRow{StrategyKind::scaffold, scaffold, false, true, "learning_rate",
                "control variates against the drift of unlike hospitals; twice the bytes",
                "Karimireddy et al. 2020, arXiv:1910.06378"},
    StrategyRow{StrategyKind::norm_bound, norm_bound, true, false, "norm_bound",
                "mean of updates cut to a norm", "Sun et al. 2019, arXiv:1911.07963"},
    StrategyRow{StrategyKind::median, median, true, false, "", "median of every value",
                "Yin et al. 2018, arXiv:1803.01498"},
    StrategyRow{StrategyKind::trimmed_mean, trimmed_mean, true, false, "trim",
                "mean of every value without its extremes", "Yin et al. 2018, arXiv:1803.01498"},
    StrategyRow{StrategyKind::krum, krum, true, false, "faulty",
                "the one update that is closest to its neighbours", "Blanchard et al. 2017"},
    StrategyRow{StrategyKind::geometric_median, geometric_median, true, false, "",
                "the point with the least sum of distances to all updates",
                "Pillutla et al. 2022, arXiv:1912.13445"},
};

}  // namespace

std::span<const StrategyRow> strategy_table() { return table; }

const StrategyRow& strategy_row(StrategyKind kind) {
  const StrategyRow& row = table.at(static_cast<std::size_t>(kind));
  HIPPOCRYPT_CHECK(row.kind == kind);
  return row;
}

std::unique_ptr<Strategy> make_strategy(const StrategySetup& setup) {
  return strategy_row(setup.config.strategy).make(setup);
}

std::uint32_t fewest_contributors(const AggregationConfig& config) {
  if (config.strategy != StrategyKind::krum) return 1;
  return static_cast<std::uint32_t>(krum_minimum(config.faulty));
}

}  // namespace hippocrypt::federation
