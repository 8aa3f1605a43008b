#pragma once
// The actor of one hospital: a shell round federation::HospitalSession, with a worker of its own
// for what takes long.

#include <functional>
#include <memory>

#include "actors/frame_chunks.hpp"
#include "actors/hospital_worker.hpp"
#include "federation/session/hospital_session.hpp"

namespace hippocrypt::actors {

struct HospitalSpec {
  federation::HospitalOptions options;
  std::shared_ptr<const federation::SecureRun> secure;  ///< null: updates travel in the clear
  /// Secrets of secure aggregation; null without it.
  std::shared_ptr<StepRandom> secure_random;
  BlindServerActor server;  ///< empty handle with a plain oracle
  AggregatorActor aggregator;
  caf::actor observer;  ///< hears Progress and Report
  /// It hears the aggregator's summaries and the end of the run too, for it hears no aggregator.
  bool observer_hears_aggregator = false;
  std::chrono::seconds deadline{600};
  const std::atomic<bool>* stop = nullptr;  ///< outlives the actor
  /// Who trains; empty: hospital_worker. For measuring what is not training.
  std::function<HospitalWorkerActor(caf::actor_system&, std::shared_ptr<HospitalWorkerSpec>)>
      make_worker;
};

struct HospitalState {
  static constexpr const char* name = "hospital_client";
  HospitalSpec spec;
  std::shared_ptr<WorkerSignals> signals = std::make_shared<WorkerSignals>();
  HospitalWorkerActor worker;
  std::optional<federation::HospitalSession> session;
  FrameSplitter splitter;
  std::optional<federation::ChunkAssembler> assembler;

  HospitalState() = default;
  HospitalState(const HospitalState&) = delete;
  HospitalState& operator=(const HospitalState&) = delete;
  /// The worker ends with its hospital, at its next step.
  ~HospitalState();
};

HospitalClientActor::behavior_type hospital_client(
    HospitalClientActor::stateful_pointer<HospitalState> self, std::shared_ptr<HospitalSpec> spec);

}  // namespace hippocrypt::actors
