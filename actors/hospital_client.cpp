#include "actors/hospital_client.hpp"

#include <caf/all.hpp>
#include <chrono>
#include <cmath>
#include <limits>

#include "federation/common/round_messages.hpp"
#include "federation/session/for_aggregator.hpp"

namespace hippocrypt::actors {
namespace {

using Self = HospitalClientActor::stateful_pointer<HospitalState>;

constexpr std::size_t max_frame_bytes = protocol::max_body_bytes + protocol::mebibyte;

const std::string& name_of(Self self) {
  const auto& options = self->state.spec.options;
  return options.config->hospitals[options.index].name;
}

void tell_note(Self self, std::uint32_t round, std::string text) {
  federation::Progress progress;
  progress.kind = federation::ProgressKind::note;
  progress.source = name_of(self);
  progress.round = round;
  progress.text = std::move(text);
  caf::anon_send(self->state.spec.observer, deliver_atom::value, frame_of(progress));
}

void send_up(Self self, const Frame& frame) {
  for (const auto& piece : self->state.splitter.split(frame)) {
    self->send(self->state.spec.aggregator, deliver_atom::value, piece);
  }
}

/// The observer hears why the hospital ends early.
void report_failure(Self self, const std::string& why) {
  federation::Report report;
  report.hospital = name_of(self);
  report.loss_before = report.loss_after = std::numeric_limits<double>::quiet_NaN();
  report.failure = why;
  caf::anon_send(self->state.spec.observer, deliver_atom::value, frame_of(report));
}

/// The hospital cannot take part; the aggregator hears only that.
void give_up(Self self, const Error& error) {
  tell_note(self, 0, to_string(error));
  report_failure(self, to_string(error));
  federation::Update update;
  update.hospital = name_of(self);
  update.status = federation::UpdateStatus::failed;
  send_up(self, frame_of(federation::for_aggregator(std::move(update))));
  self->quit();
}

class ActionVisitor {
 public:
  explicit ActionVisitor(Self self) : self_{self} {}

  void operator()(federation::SendFrame& action) const {
    send_up(self_, Frame{SharedBytes{std::move(action.frame)}});
    reach("sent");
  }
  void operator()(federation::TrainRound& action) const {
    auto& signals = *self_->state.signals;
    signals.stop = false;
    signals.step = 0;
    self_->send(self_->state.worker, train_atom::value,
                std::make_shared<federation::RoundStart>(std::move(action.start)));
  }
  void operator()(const federation::StopTraining&) const { self_->state.signals->stop = true; }
  void operator()(const federation::SettleRound& action) const {
    self_->send(self_->state.worker, settle_atom::value, action.round, action.counted);
  }
  void operator()(const federation::FinishRun& action) const {
    reach("final adapter came");
    self_->send(self_->state.worker, finish_atom::value, frame_of(action.final));
  }
  void operator()(const federation::LeaveRun& action) const {
    auto& state = self_->state;
    tell_note(self_, state.session->heartbeat().round,
              "the run stopped before its last round: " + action.reason);
    state.signals->stop = true;
    self_->send(state.worker, finish_atom::value, frame_of(federation::RunEnded{action.reason}));
  }
  void operator()(const federation::TellHospital& action) const {
    tell_note(self_, action.round, action.text);
  }

 private:
  void reach(std::string_view point) const {
    const auto& hook = self_->state.spec.options.on_point;
    if (hook) hook(point, self_->state.session->heartbeat().round);
  }
  Self self_;
};

void act(Self self, federation::SessionActions actions) {
  for (auto& action : actions) std::visit(ActionVisitor{self}, action);
}

void on_ready(Self self, HospitalReady& ready) {
  auto& state = self->state;
  if (!ready.join) return give_up(self, ready.join.error());
  federation::HospitalSession::Parts parts;
  parts.hospital = name_of(self);
  parts.folder = state.spec.options.folder;
  parts.journal = std::move(ready.journal);
  parts.secure = state.spec.secure;
  parts.random = state.spec.secure_random;
  parts.on_point = state.spec.options.on_point;
  state.session.emplace(std::move(parts));
  self->send(state.spec.aggregator, join_atom::value, caf::actor_cast<HospitalActor>(self),
             frame_of(*ready.join));
  self->send(self, tick_atom::value);
}

bool is_for_observers(ByteView frame) {
  const auto view = protocol::open_frame(frame);
  if (!view) return false;
  return view->type == protocol::MessageType::round_summary ||
         view->type == protocol::MessageType::finish ||
         view->type == protocol::MessageType::run_ended;
}

void on_whole(Self self, ByteView frame) {
  const auto& spec = self->state.spec;
  if (spec.observer_hears_aggregator && is_for_observers(frame)) {
    caf::anon_send(spec.observer, deliver_atom::value,
                   Frame{SharedBytes{Bytes{frame.begin(), frame.end()}}});
  }
  act(self, self->state.session->on_frame(frame));
}

void on_frame(Self self, const Frame& frame) {
  auto& state = self->state;
  if (!state.session) return;
  const auto chunk = federation::decode_chunk(*frame.bytes);
  if (!chunk) return on_whole(self, *frame.bytes);
  const auto whole = state.assembler->add(*chunk);
  if (!whole) return tell_note(self, 0, to_string(whole.error()));
  if (*whole) on_whole(self, **whole);
}

void on_tick(Self self) {
  auto& state = self->state;
  state.session->on_step(state.signals->step);
  send_up(self, frame_of(state.session->heartbeat()));
  const double pause = state.spec.options.config->rounds.heartbeat_s;
  self->delayed_send(self, std::chrono::nanoseconds{std::llround(pause * 1e9)}, tick_atom::value);
}

void start_worker(Self self) {
  auto& state = self->state;
  auto work = std::make_shared<HospitalWorkerSpec>();
  work->options = state.spec.options;
  work->server = state.spec.server;
  work->client = caf::actor_cast<HospitalClientActor>(self);
  work->observer = state.spec.observer;
  work->deadline = state.spec.deadline;
  work->stop = state.spec.stop;
  work->signals = state.signals;
  if (state.spec.make_worker) {
    state.worker = state.spec.make_worker(self->system(), std::move(work));
    self->monitor(state.worker);
  } else {
    state.worker = self->spawn<caf::detached + caf::monitored>(hospital_worker, std::move(work));
  }
  self->send(state.worker, join_atom::value);
}

}  // namespace

HospitalState::~HospitalState() {
  signals->stop = true;
  if (worker) caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
}

HospitalClientActor::behavior_type hospital_client(Self self, std::shared_ptr<HospitalSpec> spec) {
  auto& state = self->state;
  state.spec = std::move(*spec);
  const auto& rules = state.spec.options.config->rounds;
  state.splitter = FrameSplitter{name_of(self), std::size_t{rules.chunk_kib} * 1024};
  state.assembler.emplace("aggregator", max_frame_bytes);
  // Without its worker a hospital can do nothing; whoever started it may start it again.
  self->set_down_handler([self](const caf::down_msg& down) { self->quit(down.reason); });
  start_worker(self);
  return {
      [self](deliver_atom, const Frame& frame) { on_frame(self, frame); },
      [](join_atom) {},
      [self](ready_atom, const HospitalReadyPointer& ready) { on_ready(self, *ready); },
      [self](trained_atom, const UpdatePointer& update) {
        act(self, self->state.session->on_trained(std::move(*update)));
      },
      [self](finish_atom) { self->quit(); },
      [self](tick_atom) { on_tick(self); },
  };
}

}  // namespace hippocrypt::actors
