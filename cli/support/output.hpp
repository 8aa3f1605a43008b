#pragma once
// Errors on standard error, results on standard output: text for people, JSON for programs.

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.hpp"
#include "cli/support/exit_codes.hpp"

namespace hippocrypt::cli {

/// Writes "error: <cause>" as one line (control characters, which a hostile file could carry into
/// the terminal, become '?') and returns the exit code that goes with it.
ExitCode report_error(std::ostream& err, const Error& error);

/// Writes `value` indented and with a newline. Bytes that are not UTF-8 are replaced, numbers that
/// are not finite become null.
void print_json(std::ostream& out, const nlohmann::ordered_json& value);

}  // namespace hippocrypt::cli
