#include "base/result.hpp"

namespace hippocrypt {

const char* to_string(Errc code) {
  switch (code) {
    case Errc::not_found:
      return "not_found";
    case Errc::io:
      return "io";
    case Errc::malformed:
      return "malformed";
    case Errc::unsupported:
      return "unsupported";
    case Errc::out_of_range:
      return "out_of_range";
    case Errc::mismatch:
      return "mismatch";
    case Errc::limit_exceeded:
      return "limit_exceeded";
    case Errc::not_finite:
      return "not_finite";
    case Errc::budget_exhausted:
      return "budget_exhausted";
    case Errc::tampered:
      return "tampered";
    case Errc::stale:
      return "stale";
    case Errc::unavailable:
      return "unavailable";
    case Errc::deadline:
      return "deadline";
    case Errc::cancelled:
      return "cancelled";
    case Errc::invalid_config:
      return "invalid_config";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  return std::string{to_string(error.code)} + ": " + error.detail;
}

}  // namespace hippocrypt
