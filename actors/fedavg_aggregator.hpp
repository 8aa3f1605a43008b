#pragma once
// The aggregator's actor: turns frames into events of federation::RoundCoordinator and its effects
// into frames and files.

#include <caf/actor.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "actors/interfaces.hpp"
#include "federation/aggregator/collector.hpp"
#include "federation/aggregator/round_coordinator.hpp"
#include "federation/aggregator/run_store.hpp"
#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::actors {

struct AggregatorSpec {
  federation::CoordinatorConfig coordinator;
  std::unique_ptr<federation::Strategy> strategy;
  federation::CollectorFactory collectors;
  std::vector<float> initial;
  Hash256 adapter_fingerprint;  ///< what every hospital must have started from
  std::filesystem::path run_folder;
  caf::actor observer;
};

struct AggregatorState {
  static constexpr const char* name = "fedavg_aggregator";
  std::unique_ptr<federation::RoundCoordinator> coordinator;
  std::unique_ptr<federation::RunStore> store;
  Hash256 adapter_fingerprint{};
  caf::actor observer;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  std::map<std::string, HospitalActor> hospitals;  ///< that have joined and not ended since
};

AggregatorActor::behavior_type fedavg_aggregator(
    AggregatorActor::stateful_pointer<AggregatorState> self, std::shared_ptr<AggregatorSpec> spec);

}  // namespace hippocrypt::actors
