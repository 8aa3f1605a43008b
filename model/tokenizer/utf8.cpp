#include "model/tokenizer/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace hippocrypt::model {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

bool in(std::uint8_t byte, std::uint8_t low, std::uint8_t high) {
  return byte >= low && byte <= high;
}

/// The range of the second byte depends on the first: it excludes overlong forms (E0, F0),
/// surrogates (ED) and what lies above U+10FFFF (F4).
bool second_byte_fits(std::uint8_t first, std::uint8_t second) {
  if (first == 0xE0) return in(second, 0xA0, 0xBF);
  if (first == 0xED) return in(second, 0x80, 0x9F);
  if (first == 0xF0) return in(second, 0x90, 0xBF);
  if (first == 0xF4) return in(second, 0x80, 0x8F);
  return in(second, 0x80, 0xBF);
}

}  // namespace

std::size_t utf8_sequence_size(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint8_t first = byte_at(text, 0);
  if (first < 0x80) return 1;
  std::size_t size = 0;
  if (in(first, 0xC2, 0xDF)) size = 2;
  if (in(first, 0xE0, 0xEF)) size = 3;
  if (in(first, 0xF0, 0xF4)) size = 4;
  if (size == 0 || text.size() < size) return 0;
  if (!second_byte_fits(first, byte_at(text, 1))) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (!in(byte_at(text, i), 0x80, 0xBF)) return 0;
  }
  return size;
}

std::size_t valid_utf8_prefix(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080u;
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t block = high_bits;
    if (text.size() - at >= sizeof block) std::memcpy(&block, text.data() + at, sizeof block);
    if ((block & high_bits) == 0) {
      at += sizeof block;
      continue;
    }
    const std::size_t size = utf8_sequence_size(text.substr(at));
    if (size == 0) break;
    at += size;
  }
  return at;
}

std::size_t unfinished_utf8_suffix(std::string_view text) {
  for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) {
    const std::string_view suffix = text.substr(text.size() - size);
    const std::uint8_t first = byte_at(suffix, 0);
    if (in(first, 0x80, 0xBF)) continue;  // inside a sequence: look further back
    const std::size_t wanted = first < 0xC2 || first > 0xF4 ? 1
                               : first < 0xE0               ? 2
                               : first < 0xF0               ? 3
                                                            : 4;
    if (wanted <= size) return 0;
    return size == 1 || second_byte_fits(first, byte_at(suffix, 1)) ? size : 0;
  }
  return 0;
}

}  // namespace hippocrypt::model
