#include "privacy/deidentify/normalize.hpp"

#include <utf8proc.h>

#include <array>
#include <limits>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

void append(NormalizedText& out, char c, std::size_t at) {
  out.text += c;
  out.source.push_back(static_cast<std::uint32_t>(at));
}

void append_code_point(NormalizedText& out, std::int32_t code, std::size_t at) {
  if (code < 0x80) return append(out, static_cast<char>(code), at);
  switch (code) {
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x2032:
    case 0x02BC:
    case 0x00B4:
      return append(out, '\'', at);
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x2033:
    case 0x00AB:
    case 0x00BB:
      return append(out, '"', at);
    case 0x2212:
    case 0x2043:
      return append(out, '-', at);
    case 0x00D8:
      return append(out, 'O', at);
    case 0x00F8:
      return append(out, 'o', at);
    case 0x0141:
      return append(out, 'L', at);
    case 0x0142:
      return append(out, 'l', at);
    case 0x0110:
    case 0x00D0:
      return append(out, 'D', at);
    case 0x0111:
    case 0x00F0:
      return append(out, 'd', at);
    case 0x0131:
      return append(out, 'i', at);
    case 0x00DF:
      append(out, 's', at);
      return append(out, 's', at);
    case 0x00C6:
      append(out, 'A', at);
      return append(out, 'E', at);
    case 0x00E6:
      append(out, 'a', at);
      return append(out, 'e', at);
    default:
      break;
  }
  switch (static_cast<int>(utf8proc_category(code))) {
    case UTF8PROC_CATEGORY_PD:
      return append(out, '-', at);
    case UTF8PROC_CATEGORY_ZS:
      return append(out, ' ', at);
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return append(out, '\n', at);
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_MN:
      return;
    case UTF8PROC_CATEGORY_ND: {
      // Decimal digits come in runs of ten, from a multiple of 16 or 6 above one.
      const int low = code % 16;
      const bool from_zero = utf8proc_category(code - low) == UTF8PROC_CATEGORY_ND;
      return append(out, static_cast<char>('0' + (from_zero ? low : low - 6)), at);
    }
    default:
      break;
  }
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(code, bytes.data());
  for (utf8proc_ssize_t i = 0; i < size; ++i) {
    append(out, static_cast<char>(bytes[static_cast<std::size_t>(i)]), at);
  }
}

}  // namespace

NormalizedText normalize(std::string_view original) {
  HIPPOCRYPT_CHECK(original.size() < std::numeric_limits<std::uint32_t>::max());
  NormalizedText out;
  out.text.reserve(original.size());
  out.source.reserve(original.size() + 1);
  std::size_t at = 0;
  while (at < original.size()) {
    const auto byte = static_cast<unsigned char>(original[at]);
    if (byte < 0x80) {
      // CR LF is a line end, and so is the CR of HL7.
      const bool before_lf = at + 1 < original.size() && original[at + 1] == '\n';
      append_code_point(out, byte != '\r' ? byte : before_lf ? ' ' : '\n', at);
      ++at;
      continue;
    }
    std::int32_t code = -1;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(original.data()) + at;
    const auto size =
        utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(original.size() - at), &code);
    if (size <= 0) {
      append(out, '?', at++);
      continue;
    }
    std::array<std::int32_t, 32> parts{};  // U+FDFA, the longest, has 18
    int last_boundary = 0;
    const auto count = utf8proc_decompose_char(
        code, parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
        static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK),
        &last_boundary);
    if (count < 0 || count > static_cast<utf8proc_ssize_t>(parts.size())) {
      append_code_point(out, code, at);
    } else {
      for (utf8proc_ssize_t i = 0; i < count; ++i) {
        append_code_point(out, parts[static_cast<std::size_t>(i)], at);
      }
    }
    at += static_cast<std::size_t>(size);
  }
  out.source.push_back(static_cast<std::uint32_t>(original.size()));
  return out;
}

}  // namespace hippocrypt::privacy
