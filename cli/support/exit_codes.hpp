#pragma once
// What the process tells its caller. Stable: scripts rely on these numbers.

#include "base/result.hpp"

namespace hippocrypt::cli {

enum ExitCode : int {
  exit_ok = 0,
  exit_failure = 1,       ///< the work failed; standard error says why
  exit_usage = 2,         ///< a command line or configuration that cannot be run; nothing was done
  exit_budget = 3,        ///< the privacy budget does not allow the work
  exit_tampered = 4,      ///< a ledger or file whose hashes do not agree
  exit_interrupted = 130  ///< Ctrl-C or SIGTERM; finished work is kept
};

/// invalid_config: usage, budget_exhausted: budget, tampered: tampered, cancelled: interrupted, all
/// others: failure.
ExitCode exit_code(Errc code);

}  // namespace hippocrypt::cli
