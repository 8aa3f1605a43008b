#include "cli/support/program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>

#include "base/allocation.hpp"
#include "cli/support/output.hpp"

namespace hippocrypt::cli {
namespace {

/// A closed standard file's number would go to the next file that is opened, a run's metrics say,
/// and what is printed would end up in it. Opened for reading, so that printing still fails.
void keep_standard_files_apart() {
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file) {
    if (::fcntl(file, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", O_RDONLY);
  }
}

}  // namespace

void prepare_process() {
  keep_standard_files_apart();
  keep_freed_memory();
  std::signal(SIGPIPE, SIG_IGN);
}

int run_program(CLI::App& app, int argc, const char* const* argv, int& exit_code,
                std::string (*help_of)(const CLI::App& app)) {
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
                                                                help_of(app) + " --help"});
    }
  }
  // A full disk or a closed pipe must not look like success.
  if (!std::cout.flush() && exit_code == exit_ok)
    return report_error(std::cerr, {Errc::io, "standard output could not be written"});
  return exit_code;
}

}  // namespace hippocrypt::cli
