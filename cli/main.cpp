// The hippocrypt program: finds the command, turns mistakes on the command line into one error line
// and exit code 2, and leaves the rest to the commands.

#include "cli/commands/commands.hpp"
#include "cli/support/exit_codes.hpp"
#include "cli/support/program.hpp"
#include "cli/support/version.hpp"

namespace hippocrypt::cli {
namespace {

using AddCommand = void (*)(CLI::App& app, int& exit_code);
constexpr AddCommand commands[] = {
    add_simulate,  add_budget,    add_synth,      add_train_tokenizer,
    add_pretrain,  add_model,     add_adapter,    add_merge,
    add_generate,  add_eval,      add_train,      add_cipher,
    add_attack,    add_embed,     add_deidentify, add_audit,
    add_ledger,    add_plan,      add_runs,       add_report,
    add_provision, add_preflight, add_join};

// The command that was being parsed, for a hint that fits.
std::string name_of(const CLI::App& app) {
  for (const CLI::App* chosen : app.get_subcommands()) return "hippocrypt " + chosen->get_name();
  return "hippocrypt";
}

int run(int argc, const char* const* argv) {
  prepare_process();
  CLI::App app{
      "Hospitals fine-tune a language model together. The model's server sees only ciphertexts, "
      "the aggregator only sums, and every hospital keeps its notes, keys and privacy ledger."};
  app.name("hippocrypt");
  app.set_version_flag("--version", [] { return version_text(); });
  app.footer(
      "Help on a command: hippocrypt COMMAND --help\n"
      "Exit codes: 0 done, 1 failed, 2 wrong command line or configuration, 3 privacy budget\n"
      "spent, 4 damaged ledger or file, 130 interrupted.");
  app.require_subcommand(1);
  int exit_code = exit_ok;
  for (const AddCommand add : commands) add(app, exit_code);
  return run_program(app, argc, argv, exit_code, name_of);
}

}  // namespace
}  // namespace hippocrypt::cli

int main(int argc, char** argv) { return hippocrypt::cli::run(argc, argv); }
