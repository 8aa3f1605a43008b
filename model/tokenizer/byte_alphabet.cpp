#include "model/tokenizer/byte_alphabet.hpp"

#include <cstddef>

#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t byte_values = 256;
/// Highest stand-in: U+0100 plus the 68 bytes that are not printable, less one.
constexpr std::size_t code_point_limit = 0x100 + 68;

constexpr bool stands_for_itself(std::size_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<std::uint16_t, byte_values> code_point_of_byte{};
  std::array<std::int16_t, code_point_limit> byte_of_code_point{};
};

constexpr Alphabet make_alphabet() {
  Alphabet out;
  for (auto& byte : out.byte_of_code_point) byte = -1;
  std::size_t next = 0x100;
  for (std::size_t byte = 0; byte < byte_values; ++byte) {
    const std::size_t code_point = stands_for_itself(byte) ? byte : next++;
    out.code_point_of_byte[byte] = static_cast<std::uint16_t>(code_point);
    out.byte_of_code_point[code_point] = static_cast<std::int16_t>(byte);
  }
  return out;
}

constexpr Alphabet alphabet = make_alphabet();

}  // namespace

std::array<std::uint8_t, 256> bytes_in_alphabet_order() {
  std::array<std::uint8_t, byte_values> out{};
  std::size_t at = 0;
  for (const std::int16_t byte : alphabet.byte_of_code_point) {
    if (byte >= 0) out[at++] = static_cast<std::uint8_t>(byte);
  }
  return out;
}

std::string spell_bytes(std::string_view bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const unsigned code_point = alphabet.code_point_of_byte[static_cast<std::uint8_t>(c)];
    if (code_point < 0x80) {
      out.push_back(static_cast<char>(code_point));
    } else {
      out.push_back(static_cast<char>(0xC0u | (code_point >> 6)));
      out.push_back(static_cast<char>(0x80u | (code_point & 0x3Fu)));
    }
  }
  return out;
}

std::optional<std::string> unspell_bytes(std::string_view spelling) {
  std::string out;
  out.reserve(spelling.size());
  while (!spelling.empty()) {
    const std::size_t size = utf8_sequence_size(spelling);
    if (size == 0 || size > 2) return {};
    std::size_t code_point = static_cast<std::uint8_t>(spelling[0]);
    if (size == 2) {
      const std::size_t low = static_cast<std::uint8_t>(spelling[1]) & 0x3Fu;
      code_point = ((code_point & 0x1Fu) << 6) | low;
    }
    if (code_point >= code_point_limit) return {};
    const std::int16_t byte = alphabet.byte_of_code_point[code_point];
    if (byte < 0) return {};
    out.push_back(static_cast<char>(byte));
    spelling.remove_prefix(size);
  }
  return out;
}

}  // namespace hippocrypt::model
