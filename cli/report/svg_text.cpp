#include "cli/report/svg_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hippocrypt::cli {
namespace {

constexpr const char* replacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// Length of the character at `at`, or 0 where there is none that XML allows.
std::size_t character_length(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || at + length > text.size()) return 0;
  std::uint32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80) return 0;
    point = point << 6 | (next & 0x3FU);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  const bool none = point == 0xFFFE || point == 0xFFFF || point > 0x10FFFF;
  return point < smallest[length] || surrogate || none ? 0 : length;
}

}  // namespace

std::string markup_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    const char c = text[at];
    if (c == '\n' || c == '\t') {
      out += ' ';
    } else if (length == 0) {
      out += replacement;
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += text.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return out;
}

std::string shortened(std::string_view name) {
  constexpr std::size_t most = 24;
  std::size_t characters = 0, cut = 0;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if ((byte_at(name, at) & 0xC0U) == 0x80) continue;  // within a character
    if (++characters == most) cut = at;
    if (characters > most) return std::string{name.substr(0, cut)} + "…";
  }
  return std::string{name};
}

std::string coordinate(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

}  // namespace hippocrypt::cli
