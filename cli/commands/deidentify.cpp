// hippocrypt deidentify: masks what identifies patients in notes.

#include "cli/commands/deidentify.hpp"

#include <iostream>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/support/output.hpp"

namespace hippocrypt::cli {

const char* const deidentify_limits =
    "What this does not promise: there is no statistical or neural model of names, only rules and\n"
    "lists; recall on synthetic notes over-estimates recall on real ones, by 20 points or more "
    "where\n"
    "tools like this were tested independently. Biometric identifiers and images (P, Q) are found\n"
    "only where text refers to them. A rare disease with a small town identifies without any of "
    "the\n"
    "18. This assists Safe Harbor (45 CFR 164.514(b)(2)); it does not make text compliant.";

void add_deidentify(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("deidentify", "Mask what identifies patients in notes");
  const auto evaluate = std::make_shared<EvaluateFlags>();
  command->add_option("--seed", evaluate->seed, "Of the synthetic corpus")->capture_default_str();
  command->add_option("--notes", evaluate->notes, "Notes of the corpus")->capture_default_str();
  command->add_option("--part", evaluate->part, "Templates of the corpus")
      ->capture_default_str()
      ->check(CLI::IsMember({"heldout", "development"}));
  command->add_flag("--misses", evaluate->misses, "Print what was missed (development part only)");
  command->add_flag("--evaluate", evaluate->wanted, "Measure recall and precision");
  command->add_flag("--json", evaluate->json, "Print the result as JSON");
  command->footer(deidentify_limits);
  command->callback([evaluate, &exit_code] {
    const Status status = evaluate_deidentify(*evaluate);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
