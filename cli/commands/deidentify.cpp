// hippocrypt deidentify: masks what identifies patients in notes.

#include "cli/commands/deidentify.hpp"

#include <memory>

#include <iostream>

#include "cli/commands/commands.hpp"
#include "cli/support/output.hpp"

namespace hippocrypt::cli {
namespace {

Status run(const DeidentifyFlags& flags, const EvaluateFlags& evaluate) {
  if (evaluate.wanted || !evaluate.i2b2.empty()) return evaluate_deidentify(evaluate);
  if (flags.input.empty()) {
    return Error{Errc::invalid_config,
                 "name a note file or - for standard input, or give --evaluate or --i2b2 FOLDER"};
  }
  return deidentify_notes(flags);
}

}  // namespace

const char* const deidentify_limits =
    "What this does not promise: there is no statistical or neural model of names, only rules and\n"
    "lists; recall on synthetic notes over-estimates recall on real ones, by 20 points or more "
    "where\n"
    "tools like this were tested independently. Biometric identifiers and images (P, Q) are found\n"
    "only where text refers to them. A rare disease with a small town identifies without any of "
    "the\n"
    "18. Only text, prompt, completion and messages are searched; other fields stay as they are.\n"
    "This assists Safe Harbor (45 CFR 164.514(b)(2)); it does not make text compliant.";

void add_deidentify(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("deidentify", "Mask what identifies patients in notes");
  const auto flags = std::make_shared<DeidentifyFlags>();
  const auto evaluate = std::make_shared<EvaluateFlags>();
  command->add_option("input", flags->input, "A note file (JSON Lines), or - for standard input");
  command->add_option("--out", flags->out, "Where the notes go; -: standard output")
      ->capture_default_str();
  command
      ->add_option("--mode", flags->mode,
                   "tag: [NAME], [DATE 2021]; surrogate: invented values and moved dates, the same "
                   "through a patient's notes; mask: ***")
      ->capture_default_str()
      ->check(CLI::IsMember({"tag", "surrogate", "mask"}));
  command->add_option("--key", flags->key,
                      "The secret of --mode surrogate; made (mode 0600) where there is none");
  command->add_option("--report", flags->report,
                      "Spans, categories and rules of each line, as JSON Lines, without the text");
  command->add_flag("--strict", flags->strict,
                    "Mask runs of five digits and @ that no rule explains, too");
  command->add_flag("--day-first", flags->day_first, "3/4 is the 3rd of April");
  command->add_flag("--json", flags->json, "Print the summary (or the evaluation) as JSON");
  command->add_flag("--evaluate", evaluate->wanted,
                    "Measure recall and precision on the synthetic corpus");
  command->add_option("--i2b2", evaluate->i2b2,
                      "Measure on a folder of i2b2 2014 XML files, for licensed users");
  command->add_option("--seed", evaluate->seed, "Of the synthetic corpus")->capture_default_str();
  command->add_option("--notes", evaluate->notes, "Notes of the synthetic corpus")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000000}));
  command->add_option("--part", evaluate->part, "Templates of the synthetic corpus")
      ->capture_default_str()
      ->check(CLI::IsMember({"heldout", "development"}));
  command->add_flag("--misses", evaluate->misses,
                    "Print what was missed, of the development part only");
  command->footer(
      std::string{deidentify_limits} +
      "\n\nExamples:\n"
      "  hippocrypt deidentify notes.jsonl --out clean.jsonl --report spans.jsonl\n"
      "  hippocrypt deidentify notes.jsonl --mode surrogate --key secret.key --out s.jsonl\n"
      "  hippocrypt deidentify --evaluate --seed 1");
  command->callback([flags, evaluate, &exit_code] {
    evaluate->json = flags->json;
    const Status status = run(*flags, *evaluate);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
