// hippocrypt synth: invented notes, the same for the same flags.

#include <cmath>
#include <iostream>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/config/suggest.hpp"
#include "cli/support/output.hpp"
#include "notes/note_file.hpp"
#include "notes/synth/synthesize.hpp"

namespace hippocrypt::cli {
namespace {

struct SynthFlags {
  notes::SynthOptions options;
  std::string out;
  bool json = false;
};

struct Counts {
  std::size_t notes = 0;
  std::size_t train_patients = 0;
  std::size_t heldout_patients = 0;
};

void print_counts(const SynthFlags& flags, const Counts& counts) {
  if (flags.json) {
    print_json(std::cout, {{"path", flags.out},
                           {"notes", counts.notes},
                           {"train_patients", counts.train_patients},
                           {"heldout_patients", counts.heldout_patients}});
  } else {
    std::cout << flags.out << ": " << counts.notes << " notes of "
              << counts.train_patients + counts.heldout_patients << " patients, "
              << counts.heldout_patients << " of them held out\n";
  }
}

Status synth(const SynthFlags& flags) {
  Result<std::vector<notes::Note>> notes = notes::synthesize(flags.options);
  // Whatever it refuses stems from the command line.
  if (!notes.has_value()) return Error{Errc::invalid_config, notes.error().detail};
  HIPPOCRYPT_TRY_VOID(notes::write_notes(flags.out, notes.value()));
  print_counts(flags,
               {.notes = notes->size(),
                .train_patients = group_by_patient(notes.value(), notes::Split::train).size(),
                .heldout_patients = group_by_patient(notes.value(), notes::Split::heldout).size()});
  return {};
}

}  // namespace

void add_synth(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("synth", "Write synthetic clinical notes (JSON Lines)");
  const auto flags = std::make_shared<SynthFlags>();
  notes::SynthOptions& options = flags->options;
  command->add_option("--seed", options.seed, "The same seed gives the same bytes")
      ->capture_default_str();
  command->add_option("--patients", options.patients, "How many patients")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, notes::max_synthetic_patients));
  command
      ->add_option("--speciality", options.specialities,
                   "Repeatable; one of " + word_list(notes::speciality_names(), "or"))
      ->required();
  command->add_option("--heldout", options.heldout_share, "Share of patients kept for evaluation")
      ->capture_default_str()
      ->check(CLI::Range(0.0, std::nextafter(1.0, 0.0)));
  command->add_option("--prefix", options.id_prefix, "First part of every patient's id")
      ->capture_default_str();
  command->add_option("--out", flags->out, "The file to write")->required();
  command->add_flag("--json", flags->json, "Print the counts as JSON");
  command->footer(
      "Example:\n"
      "  hippocrypt synth --speciality cardiology --patients 300 --prefix SA --out sa.jsonl");
  command->callback([flags, &exit_code] {
    const Status status = synth(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
