#include "notes/utf8.hpp"

#include <cstdint>

namespace hippocrypt::notes {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

/// How many bytes follow a first byte, and what the second byte may be (Unicode 15, table 3-7).
struct Lead {
  std::size_t following;
  std::uint8_t second_low;
  std::uint8_t second_high;
};

bool find_lead(std::uint8_t byte, Lead& lead) {
  if (byte < 0x80) {
    lead = {0, 0x80, 0xBF};
  } else if (byte >= 0xC2 && byte <= 0xDF) {
    lead = {1, 0x80, 0xBF};
  } else if (byte >= 0xE0 && byte <= 0xEF) {
    lead = {2, static_cast<std::uint8_t>(byte == 0xE0 ? 0xA0 : 0x80),
            static_cast<std::uint8_t>(byte == 0xED ? 0x9F : 0xBF)};
  } else if (byte >= 0xF0 && byte <= 0xF4) {
    lead = {3, static_cast<std::uint8_t>(byte == 0xF0 ? 0x90 : 0x80),
            static_cast<std::uint8_t>(byte == 0xF4 ? 0x8F : 0xBF)};
  } else {
    return false;
  }
  return true;
}

}  // namespace

Utf8Text replace_invalid_utf8(std::string_view bytes) {
  Utf8Text out;
  out.text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    Lead lead{0, 0x80, 0xBF};
    bool is_valid = find_lead(static_cast<std::uint8_t>(bytes[i]), lead);
    std::size_t length = 1;
    for (; is_valid && length <= lead.following; ++length) {
      if (i + length >= bytes.size()) {
        is_valid = false;
        break;
      }
      const auto byte = static_cast<std::uint8_t>(bytes[i + length]);
      const std::uint8_t low = length == 1 ? lead.second_low : 0x80;
      const std::uint8_t high = length == 1 ? lead.second_high : 0xBF;
      if (byte < low || byte > high) {
        is_valid = false;
        break;
      }
    }
    if (is_valid) {
      out.text.append(bytes.substr(i, length));
    } else {
      out.text.append(replacement);
      ++out.replaced;
    }
    i += length;
  }
  return out;
}

}  // namespace hippocrypt::notes
