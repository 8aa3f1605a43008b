#pragma once
// The actor of one hospital: carries frames to and from federation::Hospital. Spawn detached:
// training blocks its thread.

#include <atomic>
#include <memory>

#include "actors/caf_transport.hpp"
#include "actors/interfaces.hpp"
#include "federation/client/hospital.hpp"

namespace hippocrypt::actors {

struct HospitalSpec {
  federation::HospitalOptions options;
  BlindServerActor server;  ///< empty handle with a plain oracle
  AggregatorActor aggregator;
  caf::actor observer;  ///< hears Progress and Report
  std::chrono::seconds deadline{600};
  const std::atomic<bool>* stop = nullptr;  ///< outlives the actor
};

struct HospitalState {
  static constexpr const char* name = "hospital_client";
  HospitalSpec spec;
  std::unique_ptr<CafTransport> transport;
  std::unique_ptr<federation::Hospital> hospital;
};

HospitalActor::behavior_type hospital_client(HospitalActor::stateful_pointer<HospitalState> self,
                                             std::shared_ptr<HospitalSpec> spec);

}  // namespace hippocrypt::actors
