#include "actors/hospital_client.hpp"

#include <caf/all.hpp>
#include <cmath>
#include <limits>

#include "federation/session/for_aggregator.hpp"

#include "federation/common/round_messages.hpp"

namespace hippocrypt::actors {
namespace {

using Self = HospitalActor::stateful_pointer<HospitalState>;

const std::string& name_of(Self self) {
  const auto& options = self->state.spec.options;
  return options.config.hospitals[options.index].name;
}

void tell(Self self, federation::Progress progress) {
  progress.source = name_of(self);
  caf::anon_send(self->state.spec.observer, deliver_atom::value, frame_of(progress));
}

void tell_note(Self self, std::uint32_t round, std::string text) {
  federation::Progress progress;
  progress.kind = federation::ProgressKind::note;
  progress.round = round;
  progress.text = std::move(text);
  tell(self, std::move(progress));
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
  return text;
}

/// The hospital cannot take part: the observer hears why, the aggregator only that.
void give_up(Self self, const Error& error) {
  auto& spec = self->state.spec;
  federation::Report report;
  report.hospital = name_of(self);
  report.loss_before = report.loss_after = std::numeric_limits<double>::quiet_NaN();
  report.failure = to_string(error);
  tell_note(self, 0, report.failure);
  caf::anon_send(spec.observer, deliver_atom::value, frame_of(report));
  federation::Update update;
  update.hospital = name_of(self);
  update.status = federation::UpdateStatus::failed;
  self->send(spec.aggregator, deliver_atom::value,
             frame_of(federation::for_aggregator(std::move(update))));
  self->quit();
}

Status set_up(Self self) {
  auto& state = self->state;
  if (state.spec.options.config.encryption.uses_server()) {
    state.transport = std::make_unique<CafTransport>(self->system(), state.spec.server,
                                                     state.spec.deadline, *state.spec.stop);
  }
  HIPPOCRYPT_TRY(state.hospital,
                 federation::Hospital::create(state.spec.options, state.transport.get()));
  tell_note(self, 0, describe(*state.hospital));
  return state.hospital->measure_start();
}

void train(Self self, const federation::RoundStart& start) {
  auto& state = self->state;
  auto update = state.hospital->train(start, *state.spec.stop,
                                      [self, &start](const federation::StepReport& report) {
                                        federation::Progress progress;
                                        progress.round = start.round;
                                        progress.step = static_cast<std::uint32_t>(report.step);
                                        progress.loss = report.loss;
                                        tell(self, std::move(progress));
                                      });
  if (update.status != federation::UpdateStatus::contributed) {
    tell_note(self, start.round, update.reason);
  }
  self->send(state.spec.aggregator, deliver_atom::value,
             frame_of(federation::for_aggregator(std::move(update))));
}

}  // namespace

HospitalActor::behavior_type hospital_client(Self self, std::shared_ptr<HospitalSpec> spec) {
  self->state.spec = std::move(*spec);
  self->send(self, join_atom::value);
  return {
      [self](deliver_atom, const Frame& frame) {
        if (auto start = federation::decode_round_start(*frame.bytes)) {
          train(self, *start);
        } else if (auto final = federation::decode_final_adapter(*frame.bytes)) {
          const auto report = self->state.hospital->finish(*final);
          caf::anon_send(self->state.spec.observer, deliver_atom::value, frame_of(report));
          self->quit();
        } else if (!federation::decode_round_summary(*frame.bytes)) {
          give_up(self, start.error());
        }
      },
      [self](join_atom) {
        if (auto status = set_up(self); !status) {
          give_up(self, status.error());
          return;
        }
        self->send(self->state.spec.aggregator, join_atom::value, HospitalActor{self},
                   frame_of(self->state.hospital->join()));
      },
  };
}

}  // namespace hippocrypt::actors
