#pragma once
// What every program of ours does round its command line.

#include <CLI/CLI.hpp>

namespace hippocrypt::cli {

/// Keeps standard files apart from others, freed memory in the process, and a reader that goes away
/// (| head) from ending it.
void prepare_process();

/// Parses the command line, which runs the callbacks of what was chosen; they set `exit_code`. A
/// mistake is one error line that points to `help_of(app)` --help, and exit code 2.
int run_program(CLI::App& app, int argc, const char* const* argv, int& exit_code,
                std::string (*help_of)(const CLI::App& app));

}  // namespace hippocrypt::cli
