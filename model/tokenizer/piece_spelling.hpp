#pragma once
// How files spell the tokens of SentencePiece vocabularies: U+2581 for a space, <0x0A> for a byte.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hippocrypt::model {

/// SentencePiece's visible stand-in for a space.
inline constexpr std::string_view visible_space = "\u2581";

/// The text with spaces in place of visible ones, and the other way round.
std::string unspell_spaces(std::string_view piece);
std::string spell_spaces(std::string_view text);

/// The byte value that a piece such as "<0x0A>" stands for; nothing for other pieces.
std::optional<std::uint8_t> byte_of_piece(std::string_view piece);
std::string spell_byte(std::uint8_t byte);

}  // namespace hippocrypt::model
