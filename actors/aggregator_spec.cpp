#include "actors/aggregator_spec.hpp"

#include <algorithm>

#include "federation/adapter/adapter_factory.hpp"
#include "federation/aggregator/measured_strategy.hpp"
#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/strategy_table.hpp"
#include "federation/common/quorum.hpp"
#include "federation/common/round_vector.hpp"
#include "federation/secagg/aggregator/secagg_collector.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FederationConfig;

federation::CoordinatorConfig coordinator_config(const FederationConfig& config,
                                                 std::uint32_t least) {
  federation::CoordinatorConfig coordinator;
  coordinator.hospitals = config.hospital_names();
  coordinator.rounds = config.run.rounds;
  coordinator.rules = config.rounds;
  const auto hospitals = static_cast<std::uint32_t>(config.hospitals.size());
  least = std::max(least, federation::fewest_contributors(config.aggregation));
  coordinator.rules.quorum =
      std::min(hospitals, federation::quorum_of(config.rounds.quorum, hospitals, least));
  return coordinator;
}

federation::CollectorFactory plain_collectors(const FederationConfig& config, std::size_t size) {
  std::map<std::string, std::uint32_t> weights;
  for (const auto& hospital : config.hospitals) weights[hospital.name] = hospital.weight;
  return [weights = std::move(weights), size] {
    return std::make_unique<federation::PlainCollector>(weights, size);
  };
}

/// The strategy that the configuration asks for; where both factors are averaged it also says what
/// that gets wrong.
std::unique_ptr<federation::Strategy> strategy_of(const FederationConfig& config,
                                                  const model::LoraAdapter& adapter) {
  federation::StrategySetup setup{config.aggregation, 0};
  for (const auto& hospital : config.hospitals) setup.total_weight += hospital.weight;
  auto strategy = federation::make_strategy(setup);
  if (config.adapter.mode != federation::AdapterMode::lora) return strategy;
  std::vector<federation::LowRankShape> shapes;
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (const auto& shape : adapter.shapes()) {
      shapes.push_back({adapter.config().rank(), shape.in, shape.out});
    }
  }
  return std::make_unique<federation::MeasuredStrategy>(std::move(strategy), std::move(shapes));
}

Result<federation::CollectorFactory> collectors_of(const AggregatorParts& parts,
                                                   std::size_t value_count) {
  if (parts.secure == nullptr) return plain_collectors(parts.config, value_count);
  const auto& secure = *parts.secure;
  return federation::secagg::secagg_collectors(
      {secure.params, secure.roster, secure.run, value_count, 1});
}

}  // namespace

Result<std::shared_ptr<AggregatorSpec>> make_aggregator_spec(const AggregatorParts& parts) {
  const auto& config = parts.config;
  auto spec = std::make_shared<AggregatorSpec>();
  const std::uint32_t least = parts.secure != nullptr ? parts.secure->params.smallest_sum() : 1;
  spec->coordinator = coordinator_config(config, least);
  spec->strategy = strategy_of(config, parts.adapter);
  const auto trainable = federation::trainable_of(config.adapter.mode);
  spec->initial = federation::round_vector(
      config.aggregation.strategy,
      federation::gather_values(parts.adapter, trainable, parts.model_config));
  HIPPOCRYPT_TRY(spec->collectors, collectors_of(parts, spec->initial.size()));
  spec->adapter_fingerprint =
      federation::adapter_fingerprint(config.adapter.mode, parts.adapter, parts.model_config);
  spec->chunk_bytes = std::size_t{config.rounds.chunk_kib} * 1024;
  spec->journal = parts.journal;
  HIPPOCRYPT_TRY(spec->saved, spec->journal->load());
  spec->observer = parts.observer;
  spec->hospitals_return = parts.hospitals_return;
  spec->on_point = parts.on_point;
  return spec;
}

std::string describe(const SecureTerms* secure) {
  return secure != nullptr ? secure->params.describe()
                           : "no secure aggregation: it sees the update of every hospital";
}

}  // namespace hippocrypt::actors
