#include "actors/fedavg_aggregator.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "federation/common/round_messages.hpp"
#include "federation/common/sender.hpp"
#include "federation/report/event_frame.hpp"
#include "federation/report/round_event.hpp"

namespace hippocrypt::actors {
namespace {

using Self = AggregatorActor::stateful_pointer<AggregatorState>;

constexpr std::size_t max_frame_bytes = protocol::max_body_bytes + protocol::mebibyte;

void tell(Self self, federation::ProgressKind kind, std::uint32_t round, std::string text) {
  federation::Progress progress;
  progress.kind = kind;
  progress.source = "aggregator";
  progress.round = round;
  progress.text = std::move(text);
  caf::anon_send(self->state.observer, deliver_atom::value, frame_of(progress));
}

void report_failure(Self self, std::string why) {
  federation::Report report;
  report.hospital = "aggregator";
  report.failure = std::move(why);
  caf::anon_send(self->state.observer, deliver_atom::value, frame_of(report));
}

/// Without its files the aggregator must not go on: nothing is announced that is not durable.
void fail(Self self, const Error& error) {
  report_failure(self, to_string(error));
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

/// The observer does not wait for the report of who has gone for good; where the hospital has
/// reported itself, the observer keeps that.
void report_gone(Self self) {
  for (const auto& [hospital, cause] : self->state.gone) {
    federation::Report report;
    report.hospital = hospital;
    report.loss_before = report.loss_after = std::numeric_limits<double>::quiet_NaN();
    report.failure = cause;
    caf::anon_send(self->state.observer, deliver_atom::value, frame_of(report));
  }
  self->state.gone.clear();
}

/// The observer completes it by what only it knows.
void tell_round(Self self, const federation::RoundClosed& closed) {
  auto& state = self->state;
  auto round = federation::metrics::round_of(closed.summary);
  round.aggregation_error = closed.aggregation_error;
  round.bytes_up = std::exchange(state.bytes_up, 0);
  round.bytes_down = std::exchange(state.bytes_down, 0);
  caf::anon_send(state.observer, deliver_atom::value,
                 frame_of(federation::metrics::Event{std::move(round)}));
}

class EffectVisitor {
 public:
  explicit EffectVisitor(Self self) : self_{self} {}

  bool operator()(const federation::PersistGlobal& effect) const {
    return keep(effect, "global", effect.round);
  }
  bool operator()(const federation::PersistAttempt& effect) const {
    return keep(effect, "attempt", effect.round);
  }
  bool operator()(const federation::PersistEntry& effect) const {
    return keep(effect, "entry " + std::to_string(effect.entry.kind), effect.entry.round);
  }
  bool operator()(const federation::StartRound& effect) const {
    send_all(effect.to,
             frame_of(federation::RoundStart{effect.round, effect.attempt, effect.values}));
    reach("round announced", effect.round);
    return true;
  }
  bool operator()(const federation::Send& effect) const {
    const auto& message = effect.outgoing.message;
    send_all({effect.outgoing.to}, frame_of(message));
    reach(std::string{to_string(message.kind)} + " sent", message.round);
    return true;
  }
  bool operator()(const federation::RoundClosed& effect) const {
    const auto& summary = effect.summary;
    const bool over = summary.outcome != federation::RoundOutcome::retried;
    tell(self_, over ? federation::ProgressKind::round : federation::ProgressKind::note,
         summary.round, (over ? "" : "to be tried again: ") + describe(summary));
    tell_round(self_, effect);
    return true;
  }
  bool operator()(const federation::Announce& effect) const {
    send_all(effect.to, frame_of(effect.summary));
    reach("summary sent", effect.summary.round);
    return true;
  }
  bool operator()(const federation::WakeAt& effect) const {
    const double wait = std::max(0.0, effect.time - now_of(self_));
    self_->delayed_send(self_, std::chrono::nanoseconds{std::llround(std::ceil(wait * 1e9))},
                        tick_atom::value);
    return true;
  }
  bool operator()(const federation::Finish& effect) const {
    reach("before the end", 0);
    report_gone(self_);
    const Frame frame = frame_of(federation::FinalAdapter{effect.values});
    send_all(effect.to, frame);
    caf::anon_send(self_->state.observer, deliver_atom::value, frame);
    reach("end sent", 0);
    return true;
  }
  bool operator()(const federation::RunFailed& effect) const {
    report_gone(self_);
    send_all(effect.to, frame_of(federation::RunEnded{effect.detail}));
    report_failure(self_, effect.detail);
    return true;  // whoever joins yet is told, too
  }
  bool operator()(const federation::Refused& effect) const {
    if (effect.error.code != Errc::stale) {
      tell(self_, federation::ProgressKind::note, 0, "refused: " + to_string(effect.error));
    }
    return true;
  }

 private:
  /// Without its files the aggregator must not go on.
  template <class Effect>
  bool keep(const Effect& effect, const std::string& what, std::uint32_t round) const {
    reach("before " + what, round);
    const auto status = self_->state.journal->keep(effect);
    if (!status) fail(self_, status.error());
    reach(what + " kept", round);
    return status.has_value();
  }
  void reach(const std::string& point, std::uint32_t round) const {
    if (self_->state.on_point) self_->state.on_point(point, round);
  }
  void send_all(const std::vector<std::string>& names, const Frame& frame) const {
    const auto pieces = self_->state.splitter.split(frame);
    for (const auto& name : names) {
      const auto hospital = self_->state.hospitals.find(name);
      if (hospital == self_->state.hospitals.end()) continue;
      for (const auto& piece : pieces) {
        self_->state.bytes_down += piece.bytes->size();
        self_->send(hospital->second, deliver_atom::value, piece);
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

bool is_over(Self self) {
  const auto& core = *self->state.coordinator;
  return core.finished() || core.failed();
}

/// It cannot take part, unless it joins again.
void withdraw(Self self, const std::string& hospital, const std::string& cause) {
  self->state.gone[hospital] = cause;
  run_effects(self, self->state.coordinator->on_withdrawn(hospital, cause, now_of(self)));
  if (is_over(self)) report_gone(self);
}

void on_join(Self self, const HospitalActor& hospital, const Frame& frame) {
  const auto join = federation::decode_join(*frame.bytes);
  if (!join) return tell(self, federation::ProgressKind::note, 0, to_string(join.error()));
  auto& state = self->state;
  if (join->adapter_fingerprint != state.adapter_fingerprint) {
    return withdraw(self, join->hospital, "it starts from another adapter than the aggregator");
  }
  state.hospitals[join->hospital] = hospital;
  state.gone.erase(join->hospital);
  self->monitor(hospital);
  run_effects(self, state.coordinator->on_join(join->hospital, now_of(self)));
}

void on_message(Self self, ByteView frame) {
  auto& core = *self->state.coordinator;
  const double now = now_of(self);
  if (const auto heartbeat = federation::decode_heartbeat(frame)) {
    return run_effects(self, core.on_heartbeat(*heartbeat, now));
  }
  self->state.bytes_up += frame.size();
  if (auto update = federation::decode_update(frame)) {
    const bool before_joining =
        update->round == 0 && update->status == federation::UpdateStatus::failed;
    if (before_joining) return withdraw(self, update->hospital, "its own log says why");
    return run_effects(self, core.on_update(std::move(update).value(), now));
  }
  auto message = federation::decode_round_message(frame);
  if (!message) return tell(self, federation::ProgressKind::note, 0, to_string(message.error()));
  run_effects(self, core.on_message(std::move(message).value(), now));
}

/// A piece is a sign of life; the last one brings the whole message.
void on_frame(Self self, const Frame& frame) {
  const auto chunk = federation::decode_chunk(*frame.bytes);
  if (!chunk) return on_message(self, *frame.bytes);
  auto& state = self->state;
  if (state.hospitals.count(chunk->sender) == 0) return;
  run_effects(self, state.coordinator->on_alive(chunk->sender, now_of(self)));
  auto& assembler =
      state.assemblers.try_emplace(chunk->sender, chunk->sender, max_frame_bytes).first->second;
  const auto whole = assembler.add(*chunk);
  if (!whole) return tell(self, federation::ProgressKind::note, 0, to_string(whole.error()));
  if (!*whole) return;
  // Who carried the pieces knows whose they are, not what is in them.
  const auto sender = federation::sender_of(**whole);
  if (sender && *sender != chunk->sender) {
    return tell(self, federation::ProgressKind::note, 0,
                "refused: " + chunk->sender + " sent a message of " + *sender);
  }
  on_message(self, **whole);
}

void on_down(Self self, const caf::down_msg& down) {
  auto& state = self->state;
  const auto ended =
      std::find_if(state.hospitals.begin(), state.hospitals.end(),
                   [&down](const auto& entry) { return entry.second.address() == down.source; });
  if (ended == state.hospitals.end()) return;
  const std::string name = ended->first;
  const std::string why = down.reason == caf::exit_reason::remote_link_unreachable
                              ? "its connection was lost"
                              : "its actor ended";
  state.hospitals.erase(ended);
  if (!state.hospitals_return) return withdraw(self, name, why);
  const bool has_all = is_over(self) && (!down.reason || down.reason == caf::exit_reason::normal);
  if (has_all) return;
  state.gone[name] = why;
  if (is_over(self)) return report_gone(self);
  run_effects(self, state.coordinator->on_lost(name, why, now_of(self)));
}

/// A new run, or the one that was saved. Errors: those of RoundCoordinator::resume.
Status begin(Self self, AggregatorSpec& spec) {
  auto& state = self->state;
  if (!spec.saved) {
    state.coordinator = std::make_unique<federation::RoundCoordinator>(
        std::move(spec.coordinator), std::move(spec.strategy), std::move(spec.collectors),
        std::move(spec.initial));
    return {};
  }
  HIPPOCRYPT_TRY(auto core, federation::RoundCoordinator::resume(
                                std::move(spec.coordinator), std::move(spec.strategy),
                                std::move(spec.collectors), std::move(*spec.saved), now_of(self)));
  state.coordinator = std::make_unique<federation::RoundCoordinator>(std::move(core));
  return {};
}

}  // namespace

AggregatorActor::behavior_type fedavg_aggregator(Self self, std::shared_ptr<AggregatorSpec> spec) {
  auto& state = self->state;
  state.journal = std::move(spec->journal);
  state.on_point = std::move(spec->on_point);
  state.hospitals_return = spec->hospitals_return;
  state.splitter = FrameSplitter{"aggregator", spec->chunk_bytes};
  state.adapter_fingerprint = spec->adapter_fingerprint;
  state.observer = std::move(spec->observer);
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  if (const auto begun = begin(self, *spec); begun) {
    run_effects(self, state.coordinator->start(now_of(self)));
  } else {
    fail(self, begun.error());
  }
  return {
      [self](join_atom, const HospitalActor& hospital, const Frame& frame) {
        on_join(self, hospital, frame);
      },
      [self](deliver_atom, const Frame& frame) { on_frame(self, frame); },
      [self](tick_atom) { run_effects(self, self->state.coordinator->on_tick(now_of(self))); },
  };
}

}  // namespace hippocrypt::actors
