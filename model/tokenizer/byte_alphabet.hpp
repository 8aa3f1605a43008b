#pragma once
// GPT-2's printable stand-ins for the 256 byte values, in which tokenizer.json spells tokens.
// Source: bytes_to_unicode in openai/gpt-2's encoder.py: printable Latin-1 characters stand for
// themselves, the other bytes in order for U+0100, U+0101, …

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hippocrypt::model {

/// The 256 byte values in the order of their stand-ins' code points, which is the order of the
/// first tokens of a trained vocabulary.
std::array<std::uint8_t, 256> bytes_in_alphabet_order();

/// `bytes` spelled in stand-ins, as UTF-8.
std::string spell_bytes(std::string_view bytes);

/// The bytes that `spelling` stands for; nothing when it has a character that is no stand-in.
std::optional<std::string> unspell_bytes(std::string_view spelling);

}  // namespace hippocrypt::model
