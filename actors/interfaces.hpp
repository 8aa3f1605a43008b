#pragma once
// Every actor's interface: the protocol of the system on one screen. A simulation has an observer
// besides, an untyped handle that hears (deliver_atom, Frame): Progress, Report, and the
// FinalAdapter.

#include <caf/typed_actor.hpp>

#include "actors/messages.hpp"

namespace hippocrypt::actors {

using BlindServerActor = caf::typed_actor<
    // A setup or product request; the reply is the setup, the product or an error frame.
    caf::replies_to<exchange_atom, Frame>::with<Frame>,
    // INTERNAL: answer what has gathered meanwhile, so that requests of several hospitals for one
    // matrix share a pass over it.
    caf::reacts_to<flush_atom>>;

using HospitalActor = caf::typed_actor<
    // RoundStart, RoundSummary or FinalAdapter from the aggregator.
    caf::reacts_to<deliver_atom, Frame>,
    // INTERNAL: it may join.
    caf::reacts_to<join_atom>>;

using AggregatorActor = caf::typed_actor<
    // A hospital joins; the handle is where its rounds are delivered.
    caf::reacts_to<join_atom, HospitalActor, Frame>,
    // An Update, a RoundMessage or a Heartbeat from a hospital.
    caf::reacts_to<deliver_atom, Frame>,
    // INTERNAL: the time has come that the coordinator asked to be woken at.
    caf::reacts_to<tick_atom>>;

}  // namespace hippocrypt::actors
