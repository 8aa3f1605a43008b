#include "actors/hospital_worker.hpp"

#include <caf/all.hpp>
#include <chrono>

#include "federation/common/round_messages.hpp"
#include "federation/report/event_frame.hpp"

namespace hippocrypt::actors {
namespace {

using Self = HospitalWorkerActor::stateful_pointer<HospitalWorkerState>;

const std::string& name_of(Self self) {
  const auto& options = self->state.spec.options;
  return options.config->hospitals[options.index].name;
}

void tell(Self self, federation::Progress progress) {
  progress.source = name_of(self);
  caf::anon_send(self->state.spec.observer, deliver_atom::value, frame_of(progress));
}

/// What the data had to lose, in one line for the hospital's own eyes.
std::string describe(const federation::Hospital& hospital) {
  const auto& report = hospital.data_report();
  std::string text = std::to_string(hospital.train_units()) + " training units, " +
                     std::to_string(report.notes) + " notes";
  const auto add = [&text](std::size_t count, const char* what) {
    if (count > 0) text += ", " + std::to_string(count) + ' ' + what;
  };
  add(report.truncated_notes, "notes cut to max_note_tokens");
  add(report.dropped_notes, "notes beyond max_patient_tokens left out");
  add(report.empty_notes, "empty notes left out");
  add(report.invalid_utf8_lines, "lines with bytes that are not UTF-8 repaired");
  add(report.identifiers_masked, "identifiers masked");
  add(report.heldout_notes_unused, "held-out notes beyond eval_tiles unused");
  if (!hospital.account_note().empty()) text += "; " + hospital.account_note();
  if (hospital.last_round() > 0) {
    text += "; goes on after round " + std::to_string(hospital.last_round());
  }
  return text;
}

void tell_note(Self self, std::string text) {
  federation::Progress progress;
  progress.kind = federation::ProgressKind::note;
  progress.text = std::move(text);
  tell(self, std::move(progress));
}

Status set_up(Self self, HospitalReady& ready) {
  auto& state = self->state;
  const auto& options = state.spec.options;
  if (!options.folder.empty()) {
    HIPPOCRYPT_TRY(state.lock, FileLock::take(options.folder / "lock"));
  }
  if (options.config->encryption.uses_server()) {
    state.transport = std::make_unique<CafTransport>(self->system(), state.spec.server,
                                                     state.spec.deadline, *state.spec.stop);
  }
  HIPPOCRYPT_TRY(state.hospital, federation::Hospital::create(options, state.transport.get()));
  if (!options.folder.empty()) {
    HIPPOCRYPT_TRY(ready.journal,
                   federation::HospitalJournal::open(options.folder, state.hospital->identity()));
  }
  tell_note(self, describe(*state.hospital));
  HIPPOCRYPT_TRY_VOID(state.hospital->measure_start());
  ready.join = state.hospital->join();
  return {};
}

const char* status_text(federation::UpdateStatus status) {
  switch (status) {
    case federation::UpdateStatus::contributed:
      return "contributed";
    case federation::UpdateStatus::sat_out:
      return to_string(federation::AbsenceCause::sat_out);
    case federation::UpdateStatus::failed:
      return to_string(federation::AbsenceCause::failed);
  }
  return "unknown";
}

/// Where the configuration asks for it; otherwise, or where it cannot be had, unknown.
double heldout_loss(Self self, const federation::RoundStart& start) {
  auto& state = self->state;
  constexpr double unknown = federation::metrics::unknown;
  if (!state.spec.options.config->simulation.evaluates_before(start.round)) return unknown;
  const auto loss = state.hospital->measure(start);
  if (loss) return *loss;
  tell_note(self, "no held-out loss in round " + std::to_string(start.round) + ": " +
                      to_string(loss.error()));
  return unknown;
}

/// What the observer of a simulation hears of a round.
void tell_round(Self self, const federation::Update& update, double heldout_loss,
                std::chrono::steady_clock::time_point began,
                const federation::Hospital::Costs& before) {
  const auto& options = self->state.spec.options;
  const auto after = self->state.hospital->costs();
  federation::metrics::Hospital part;
  part.hospital = update.hospital;
  part.round = update.round;
  part.status = status_text(update.status);
  part.detail = update.reason;
  part.heldout_loss = heldout_loss;
  part.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  part.epsilon = after.epsilon;
  part.delta = after.delta;
  part.budget = options.config->budget_of(options.config->hospitals[options.index]);
  part.steps = after.steps;
  part.bytes_up = after.bytes_up - before.bytes_up;
  part.bytes_down = after.bytes_down - before.bytes_down;
  caf::anon_send(self->state.spec.observer, deliver_atom::value,
                 frame_of(federation::metrics::Event{std::move(part)}));
}

void train(Self self, const federation::RoundStart& start) {
  auto& spec = self->state.spec;
  const auto on_step = [&](const federation::StepReport& report) {
    spec.signals->step = static_cast<std::uint32_t>(report.step);
    federation::Progress progress;
    progress.round = start.round;
    progress.step = static_cast<std::uint32_t>(report.step);
    progress.loss = report.loss;
    tell(self, std::move(progress));
  };
  const double before_it = heldout_loss(self, start);
  const auto began = std::chrono::steady_clock::now();
  const auto before = self->state.hospital->costs();
  auto update = std::make_shared<federation::Update>(
      self->state.hospital->train(start, spec.signals->stop, on_step));
  tell_round(self, *update, before_it, began, before);
  self->send(spec.client, trained_atom::value, std::move(update));
}

void finish(Self self, const Frame& frame) {
  auto& spec = self->state.spec;
  auto& hospital = *self->state.hospital;
  const auto final = federation::decode_final_adapter(*frame.bytes);
  if (!final && !federation::decode_run_ended(*frame.bytes)) return;
  const auto report = final ? hospital.finish(*final) : hospital.leave();
  caf::anon_send(spec.observer, deliver_atom::value, frame_of(report));
  self->send(spec.client, finish_atom::value);
}

}  // namespace

HospitalWorkerActor::behavior_type hospital_worker(Self self,
                                                   std::shared_ptr<HospitalWorkerSpec> spec) {
  self->state.spec = std::move(*spec);
  return {
      [self](join_atom) {
        auto ready = std::make_shared<HospitalReady>();
        if (auto status = set_up(self, *ready); !status) ready->join = status.error();
        self->send(self->state.spec.client, ready_atom::value, std::move(ready));
      },
      [self](train_atom, const RoundStartPointer& start) { train(self, *start); },
      [self](settle_atom, std::uint32_t round, bool counted) {
        self->state.hospital->settle(round, counted);
      },
      [self](finish_atom, const Frame& frame) { finish(self, frame); },
  };
}

}  // namespace hippocrypt::actors
