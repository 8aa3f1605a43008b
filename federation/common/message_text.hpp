#pragma once
// Internal to federation/common: names and reasons in messages, at most max_text_bytes long.

#include <string>

#include "federation/common/messages.hpp"

namespace hippocrypt::federation {

/// Errors: malformed, naming `field`.
inline Status check_text(const char* field, const std::string& text) {
  if (text.size() <= max_text_bytes) return {};
  return Error{Errc::malformed, std::string{field} + " has " + std::to_string(text.size()) +
                                    " bytes; at most " + std::to_string(max_text_bytes)};
}

/// Texts of our own are cut rather than refused.
inline std::string clipped(const std::string& text) { return text.substr(0, max_text_bytes); }

}  // namespace hippocrypt::federation
