#include "actors/fedavg_aggregator.hpp"

#include <caf/all.hpp>
#include <limits>

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

std::string describe(const federation::RoundClosed& closed) {
  std::string text = std::to_string(closed.contributed.size()) + " contributed";
  for (const auto& [name, cause] : closed.absent) text += "; " + name + " absent: " + cause;
  return text;
}

class EffectVisitor {
 public:
  explicit EffectVisitor(Self self) : self_{self} {}

  bool operator()(const federation::PersistGlobal& effect) const {
    const auto status = self_->state.store->save_global(effect.round, effect.values);
    if (!status) fail(self_, status.error());
    return status.has_value();
  }
  bool operator()(const federation::StartRound& effect) const {
    send_all(effect.to, frame_of(federation::RoundStart{effect.round, 1, effect.values}));
    return true;
  }
  bool operator()(const federation::RoundClosed& effect) const {
    tell(self_, federation::ProgressKind::round, effect.round, describe(effect));
    return true;
  }
  bool operator()(const federation::Finish& effect) const {
    const Frame frame = frame_of(federation::FinalAdapter{effect.values});
    caf::anon_send(self_->state.observer, deliver_atom::value, frame);
    send_all(effect.to, frame);
    return true;
  }
  bool operator()(const federation::Refused& effect) const {
    tell(self_, federation::ProgressKind::note, 0, "refused: " + to_string(effect.error));
    return true;
  }

 private:
  void send_all(const std::vector<std::string>& names, const Frame& frame) const {
    for (const auto& name : names) {
      self_->send(self_->state.hospitals.at(name), deliver_atom::value, frame);
    }
  }
  Self self_;
};

void run_effects(Self self, const std::vector<federation::Effect>& effects) {
  for (const auto& effect : effects) {
    if (!std::visit(EffectVisitor{self}, effect)) return;
  }
}

/// The round no longer waits for the hospital, nor does the observer for its report; where the
/// hospital has reported itself, the observer keeps that.
void lose(Self self, const std::string& hospital, const std::string& cause) {
  federation::Report report;
  report.hospital = hospital;
  report.loss_before = report.loss_after = std::numeric_limits<double>::quiet_NaN();
  report.failure = cause;
  caf::anon_send(self->state.observer, deliver_atom::value, frame_of(report));
  run_effects(self, self->state.coordinator->on_lost(hospital, cause));
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
  run_effects(self, state.coordinator->on_join(join->hospital));
}

void on_update(Self self, const Frame& frame) {
  const auto update = federation::decode_update(*frame.bytes);
  if (!update) return tell(self, federation::ProgressKind::note, 0, to_string(update.error()));
  auto& core = *self->state.coordinator;
  const bool before_joining =
      update->round == 0 && update->status == federation::UpdateStatus::failed;
  run_effects(self, before_joining ? core.on_lost(update->hospital, update->reason)
                                   : core.on_update(*update));
}

void on_down(Self self, const caf::down_msg& down) {
  for (const auto& [name, hospital] : self->state.hospitals) {
    if (hospital.address() != down.source) continue;
    return lose(self, name, "its actor ended");
  }
}

}  // namespace

AggregatorActor::behavior_type fedavg_aggregator(Self self, std::shared_ptr<AggregatorSpec> spec) {
  auto& state = self->state;
  state.coordinator = std::make_unique<federation::RoundCoordinator>(std::move(spec->coordinator),
                                                                     std::move(spec->initial));
  state.store = std::make_unique<federation::RunStore>(std::move(spec->run_folder));
  state.adapter_fingerprint = spec->adapter_fingerprint;
  state.observer = std::move(spec->observer);
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  return {
      [self](join_atom, const HospitalActor& hospital, const Frame& frame) {
        on_join(self, hospital, frame);
      },
      [self](deliver_atom, const Frame& frame) { on_update(self, frame); },
  };
}

}  // namespace hippocrypt::actors
