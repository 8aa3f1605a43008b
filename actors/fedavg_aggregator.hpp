#pragma once
// The aggregator's actor: turns frames into events of federation::RoundCoordinator and its effects
// into frames and files.

#include <caf/actor.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "actors/frame_chunks.hpp"
#include "actors/interfaces.hpp"
#include "federation/aggregator/collector.hpp"
#include "federation/aggregator/round_coordinator.hpp"
#include "federation/aggregator/run_journal.hpp"
#include "federation/aggregator/strategies/strategy.hpp"
#include "federation/common/crash_point.hpp"

namespace hippocrypt::actors {

struct AggregatorSpec {
  federation::CoordinatorConfig coordinator;
  std::unique_ptr<federation::Strategy> strategy;
  federation::CollectorFactory collectors;
  std::vector<float> initial;
  Hash256 adapter_fingerprint;  ///< what every hospital must have started from
  std::size_t chunk_bytes = std::size_t{1} << 20;
  std::shared_ptr<federation::RunJournal> journal;
  std::optional<federation::SavedRun> saved;  ///< to go on from
  caf::actor observer;
  /// Hospitals whose actor ends are started again: they are awaited for a grace period.
  bool hospitals_return = false;
  federation::CrashHook on_point;
};

struct AggregatorState {
  static constexpr const char* name = "fedavg_aggregator";
  std::unique_ptr<federation::RoundCoordinator> coordinator;
  std::shared_ptr<federation::RunJournal> journal;
  federation::CrashHook on_point;
  bool hospitals_return = false;
  Hash256 adapter_fingerprint{};
  caf::actor observer;
  /// Bytes of all hospitals' messages since the last round was closed.
  std::uint64_t bytes_up = 0, bytes_down = 0;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  std::map<std::string, HospitalActor> hospitals;  ///< that have joined and not ended since
  std::map<std::string, std::string> gone;         ///< those that may come back, and why they went
  std::map<std::string, federation::ChunkAssembler> assemblers;
  FrameSplitter splitter;
};

AggregatorActor::behavior_type fedavg_aggregator(
    AggregatorActor::stateful_pointer<AggregatorState> self, std::shared_ptr<AggregatorSpec> spec);

}  // namespace hippocrypt::actors
