// The hippocrypt program: finds the command, turns mistakes on the command line into one error line
// and exit code 2, and leaves the rest to the commands.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>

#include "base/allocation.hpp"
#include "cli/commands/commands.hpp"
#include "cli/support/exit_codes.hpp"
#include "cli/support/output.hpp"
#include "cli/support/version.hpp"

namespace hippocrypt::cli {
namespace {

using AddCommand = void (*)(CLI::App& app, int& exit_code);
constexpr AddCommand commands[] = {add_simulate,  add_budget,   add_synth,      add_train_tokenizer,
                                   add_pretrain,  add_model,    add_adapter,    add_merge,
                                   add_generate,  add_eval,     add_train,      add_cipher,
                                   add_attack,    add_embed,    add_deidentify, add_audit,
                                   add_ledger,    add_plan,     add_runs,       add_report,
                                   add_provision, add_preflight};

// The command that was being parsed, for a hint that fits.
std::string name_of(const CLI::App& app) {
  for (const CLI::App* chosen : app.get_subcommands()) return "hippocrypt " + chosen->get_name();
  return "hippocrypt";
}

/// A closed standard file's number would go to the next file that is opened, a run's metrics say,
/// and what is printed would end up in it. Opened for reading, so that printing still fails.
void keep_standard_files_apart() {
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file) {
    if (::fcntl(file, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", O_RDONLY);
  }
}

int run(int argc, const char* const* argv) {
  keep_standard_files_apart();
  keep_freed_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away (| head) must not end a run
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
  if (argc < 2) {
    std::cout << app.help() << std::flush;
    return exit_usage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error);  // prints the help or the version
    } else {
      return report_error(std::cerr, {Errc::invalid_config, std::string{error.what()} + "; see " +
                                                                name_of(app) + " --help"});
    }
  }
  // A full disk or a closed pipe must not look like success.
  if (!std::cout.flush() && exit_code == exit_ok)
    return report_error(std::cerr, {Errc::io, "standard output could not be written"});
  return exit_code;
}

}  // namespace
}  // namespace hippocrypt::cli

int main(int argc, char** argv) { return hippocrypt::cli::run(argc, argv); }
