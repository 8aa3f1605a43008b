#include "model/tokenizer/piece_spelling.hpp"

#include <charconv>

namespace hippocrypt::model {
namespace {

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_here = text.substr(at).starts_with(from);
    out += is_here ? to : text.substr(at, 1);
    at += is_here ? from.size() : 1;
  }
  return out;
}

}  // namespace

std::string unspell_spaces(std::string_view piece) {
  return replace_all(piece, visible_space, " ");
}

std::string spell_spaces(std::string_view text) { return replace_all(text, " ", visible_space); }

std::optional<std::uint8_t> byte_of_piece(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return {};
  std::uint8_t byte = 0;
  const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, byte, 16);
  if (error != std::errc{} || end != piece.data() + 5) return {};
  return byte;
}

std::string spell_byte(std::uint8_t byte) {
  constexpr const char* digits = "0123456789ABCDEF";
  return std::string{"<0x"} + digits[byte >> 4] + digits[byte & 15] + ">";
}

}  // namespace hippocrypt::model
