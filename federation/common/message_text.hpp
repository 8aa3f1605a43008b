#pragma once
// Internal to federation/common: names and reasons in messages, at most max_text_bytes long.

#include <string>

#include "base/byte_reader.hpp"
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

/// In a body: u16 length and bytes; cut like texts of our own.
inline void write_text(ByteWriter& writer, const std::string& text) {
  const std::string part = clipped(text);
  writer.write(static_cast<std::uint16_t>(part.size()));
  writer.append(as_bytes(part));
}

/// Errors: malformed (truncated, too long).
inline Result<std::string> read_text(ByteReader& reader, const char* field) {
  HIPPOCRYPT_TRY(const auto size, reader.read<std::uint16_t>());
  HIPPOCRYPT_TRY(const ByteView bytes, reader.take(size));
  std::string text{bytes.begin(), bytes.end()};
  HIPPOCRYPT_TRY_VOID(check_text(field, text));
  return text;
}

}  // namespace hippocrypt::federation
