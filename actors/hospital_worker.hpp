#pragma once
// The long work of one hospital: set-up, training, the last evaluation. Internal to the hospital's
// actor, which stays responsive meanwhile. Spawn detached: it blocks its own thread.

#include <atomic>
#include <memory>
#include <optional>

#include "actors/caf_transport.hpp"
#include "actors/interfaces.hpp"
#include "base/file_lock.hpp"
#include "federation/client/hospital.hpp"
#include "federation/session/hospital_journal.hpp"

namespace hippocrypt::actors {

/// What the hospital's actor and its worker both see.
struct WorkerSignals {
  std::atomic<bool> stop{false};       ///< end the training at its next step
  std::atomic<std::uint32_t> step{0};  ///< of the round that is being trained
};

/// What set-up has made, or why it could not.
struct HospitalReady {
  Result<federation::Join> join{Error{Errc::unavailable, "not set up"}};
  std::optional<federation::HospitalJournal> journal;  ///< where the hospital has a folder
};
using HospitalReadyPointer = std::shared_ptr<HospitalReady>;

// Whoever gets one of these is its only owner: an update has megabytes, which are handed over and
// not encoded for the thread beside.
using RoundStartPointer = std::shared_ptr<federation::RoundStart>;
using UpdatePointer = std::shared_ptr<federation::Update>;

}  // namespace hippocrypt::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hippocrypt::actors::HospitalReadyPointer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hippocrypt::actors::RoundStartPointer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hippocrypt::actors::UpdatePointer)

namespace hippocrypt::actors {

using ready_atom = caf::atom_constant<caf::atom("ready")>;
using train_atom = caf::atom_constant<caf::atom("train")>;
using trained_atom = caf::atom_constant<caf::atom("trained")>;
using settle_atom = caf::atom_constant<caf::atom("settle")>;
using finish_atom = caf::atom_constant<caf::atom("finish")>;

/// The hospital's actor as its worker sees it.
using HospitalClientActor = HospitalActor::extend<caf::reacts_to<ready_atom, HospitalReadyPointer>,
                                                  // What became of a round.
                                                  caf::reacts_to<trained_atom, UpdatePointer>,
                                                  // The final report is with the observer.
                                                  caf::reacts_to<finish_atom>,
                                                  // It is time for a sign of life.
                                                  caf::reacts_to<tick_atom>>;

using HospitalWorkerActor =
    caf::typed_actor<caf::reacts_to<join_atom>, caf::reacts_to<train_atom, RoundStartPointer>,
                     // Whether the update of this round is in it.
                     caf::reacts_to<settle_atom, std::uint32_t, bool>,
                     // A FinalAdapter, or the RunEnded in its place.
                     caf::reacts_to<finish_atom, Frame>>;

struct HospitalWorkerSpec {
  federation::HospitalOptions options;
  BlindServerActor server;  ///< empty handle with a plain oracle
  HospitalClientActor client;
  caf::actor observer;  ///< hears Progress and Report
  std::chrono::seconds deadline{600};
  const std::atomic<bool>* stop = nullptr;  ///< of the whole run; outlives the actor
  std::shared_ptr<WorkerSignals> signals;
};

struct HospitalWorkerState {
  static constexpr const char* name = "hospital_worker";
  HospitalWorkerSpec spec;
  std::optional<FileLock> lock;  ///< one process of a hospital at a time
  std::unique_ptr<CafTransport> transport;
  std::unique_ptr<federation::Hospital> hospital;  // after the transport that it uses
};

HospitalWorkerActor::behavior_type hospital_worker(
    HospitalWorkerActor::stateful_pointer<HospitalWorkerState> self,
    std::shared_ptr<HospitalWorkerSpec> spec);

}  // namespace hippocrypt::actors
