#include "actors/fedavg_aggregator.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <cmath>
#include <limits>

#include "federation/common/round_messages.hpp"

namespace hippocrypt::actors {
namespace {

using Self = AggregatorActor::stateful_pointer<AggregatorState>;

void tell(Self self, federation::ProgressKind kind, std::uint32_t round, std::string text) {
  federation::Progress progress;
  progress.kind = kind;
  progress.source = "aggregator";
  progress.round = round;
  progress.text = std::move(text);
  caf::anon_send(self->state.observer, deliver_atom::value, frame_of(progress));
}

/// Without its files the aggregator must not go on: nothing is announced that is not durable.
void fail(Self self, const Error& error) {
  federation::Report report;
  report.hospital = "aggregator";
  report.failure = to_string(error);
  caf::anon_send(self->state.observer, deliver_atom::value, frame_of(report));
  self->quit(caf::exit_reason::user_shutdown);
}

std::string describe(const federation::RoundSummary& summary) {
  std::string text = std::to_string(summary.contributed.size()) + " contributed";
  for (const auto& absence : summary.absent) {
    text += "; " + absence.hospital + " absent: " + to_string(absence.cause);
    const bool says_more = !absence.detail.empty() && absence.detail != to_string(absence.cause);
    if (says_more) text += ", " + absence.detail;
  }
  if (!summary.note.empty()) text += "; " + summary.note;
  return text;
}

double now_of(Self self) {
  const auto passed = std::chrono::steady_clock::now() - self->state.began;
  return std::chrono::duration<double>(passed).count();
}

class EffectVisitor {
 public:
  explicit EffectVisitor(Self self) : self_{self} {}

  bool operator()(const federation::PersistGlobal& effect) const {
    const auto status = self_->state.store->save_global(effect.round, effect.values);
    if (!status) fail(self_, status.error());
    return status.has_value();
  }
  // Without secure aggregation a round that was open is held anew.
  bool operator()(const federation::PersistAttempt&) const { return true; }
  bool operator()(const federation::PersistEntry&) const { return true; }
  bool operator()(const federation::StartRound& effect) const {
    send_all(effect.to,
             frame_of(federation::RoundStart{effect.round, effect.attempt, effect.values}));
    return true;
  }
  bool operator()(const federation::Send& effect) const {
    send_all({effect.outgoing.to}, frame_of(effect.outgoing.message));
    return true;
  }
  bool operator()(const federation::RoundClosed& effect) const {
    const auto& summary = effect.summary;
    const bool over = summary.outcome != federation::RoundOutcome::retried;
    tell(self_, over ? federation::ProgressKind::round : federation::ProgressKind::note,
         summary.round, (over ? "" : "to be tried again: ") + describe(summary));
    return true;
  }
  bool operator()(const federation::Announce& effect) const {
    send_all(effect.to, frame_of(effect.summary));
    return true;
  }
  bool operator()(const federation::WakeAt& effect) const {
    const double wait = std::max(0.0, effect.time - now_of(self_));
    self_->delayed_send(self_, std::chrono::nanoseconds{std::llround(std::ceil(wait * 1e9))},
                        tick_atom::value);
    return true;
  }
  bool operator()(const federation::Finish& effect) const {
    finish(effect.to, effect.values);
    return true;
  }
  bool operator()(const federation::RunFailed& effect) const {
    finish(effect.to, self_->state.coordinator->global());
    fail(self_, Error{Errc::unavailable, effect.detail});
    return false;
  }
  bool operator()(const federation::Refused& effect) const {
    if (effect.error.code != Errc::stale) {
      tell(self_, federation::ProgressKind::note, 0, "refused: " + to_string(effect.error));
    }
    return true;
  }

 private:
  void finish(const std::vector<std::string>& to, const std::vector<float>& values) const {
    const Frame frame = frame_of(federation::FinalAdapter{values});
    caf::anon_send(self_->state.observer, deliver_atom::value, frame);
    send_all(to, frame);
  }
  void send_all(const std::vector<std::string>& names, const Frame& frame) const {
    for (const auto& name : names) {
      const auto hospital = self_->state.hospitals.find(name);
      if (hospital != self_->state.hospitals.end()) {
        self_->send(hospital->second, deliver_atom::value, frame);
      }
    }
  }
  Self self_;
};

void run_effects(Self self, const federation::Effects& effects) {
  for (const auto& effect : effects) {
    if (!std::visit(EffectVisitor{self}, effect)) return;
  }
}

/// The run no longer waits for the hospital, nor does the observer for its report; where the
/// hospital has reported itself, the observer keeps that.
void lose(Self self, const std::string& hospital, const std::string& cause) {
  federation::Report report;
  report.hospital = hospital;
  report.loss_before = report.loss_after = std::numeric_limits<double>::quiet_NaN();
  report.failure = cause;
  caf::anon_send(self->state.observer, deliver_atom::value, frame_of(report));
  run_effects(self, self->state.coordinator->on_withdrawn(hospital, cause, now_of(self)));
}

void on_join(Self self, const HospitalActor& hospital, const Frame& frame) {
  const auto join = federation::decode_join(*frame.bytes);
  if (!join) return tell(self, federation::ProgressKind::note, 0, to_string(join.error()));
  auto& state = self->state;
  if (join->adapter_fingerprint != state.adapter_fingerprint) {
    return lose(self, join->hospital, "it starts from another adapter than the aggregator");
  }
  state.hospitals[join->hospital] = hospital;
  self->monitor(hospital);
  run_effects(self, state.coordinator->on_join(join->hospital, now_of(self)));
}

void on_message(Self self, const Frame& frame) {
  auto& core = *self->state.coordinator;
  const double now = now_of(self);
  if (auto update = federation::decode_update(*frame.bytes)) {
    const bool before_joining =
        update->round == 0 && update->status == federation::UpdateStatus::failed;
    return run_effects(self, before_joining
                                 ? core.on_withdrawn(update->hospital, update->reason, now)
                                 : core.on_update(std::move(update).value(), now));
  }
  if (const auto heartbeat = federation::decode_heartbeat(*frame.bytes)) {
    return run_effects(self, core.on_heartbeat(*heartbeat, now));
  }
  auto message = federation::decode_round_message(*frame.bytes);
  if (!message) return tell(self, federation::ProgressKind::note, 0, to_string(message.error()));
  run_effects(self, core.on_message(std::move(message).value(), now));
}

/// In one process an actor that has not ended is alive, however long its training keeps it from
/// saying so.
void on_tick(Self self) {
  auto& state = self->state;
  for (const auto& [name, hospital] : state.hospitals) {
    run_effects(self, state.coordinator->on_alive(name, now_of(self)));
  }
  run_effects(self, state.coordinator->on_tick(now_of(self)));
}

void on_down(Self self, const caf::down_msg& down) {
  auto& hospitals = self->state.hospitals;
  const auto ended = std::find_if(hospitals.begin(), hospitals.end(), [&down](const auto& entry) {
    return entry.second.address() == down.source;
  });
  if (ended == hospitals.end()) return;
  const std::string name = ended->first;
  hospitals.erase(ended);
  lose(self, name, "its actor ended");
}

}  // namespace

AggregatorActor::behavior_type fedavg_aggregator(Self self, std::shared_ptr<AggregatorSpec> spec) {
  auto& state = self->state;
  state.coordinator = std::make_unique<federation::RoundCoordinator>(
      std::move(spec->coordinator), std::move(spec->strategy), std::move(spec->collectors),
      std::move(spec->initial));
  state.store = std::make_unique<federation::RunStore>(std::move(spec->run_folder));
  state.adapter_fingerprint = spec->adapter_fingerprint;
  state.observer = std::move(spec->observer);
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  run_effects(self, state.coordinator->start(0));
  return {
      [self](join_atom, const HospitalActor& hospital, const Frame& frame) {
        on_join(self, hospital, frame);
      },
      [self](deliver_atom, const Frame& frame) { on_message(self, frame); },
      [self](tick_atom) { on_tick(self); },
  };
}

}  // namespace hippocrypt::actors
