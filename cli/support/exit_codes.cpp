#include "cli/support/exit_codes.hpp"

namespace hippocrypt::cli {

ExitCode exit_code(Errc code) {
  switch (code) {
    case Errc::invalid_config:
      return exit_usage;
    case Errc::budget_exhausted:
      return exit_budget;
    case Errc::tampered:
      return exit_tampered;
    case Errc::cancelled:
      return exit_interrupted;
    case Errc::not_found:
    case Errc::io:
    case Errc::malformed:
    case Errc::unsupported:
    case Errc::out_of_range:
    case Errc::mismatch:
    case Errc::limit_exceeded:
    case Errc::not_finite:
    case Errc::stale:
    case Errc::unavailable:
    case Errc::deadline:
      return exit_failure;
  }
  return exit_failure;
}

}  // namespace hippocrypt::cli
