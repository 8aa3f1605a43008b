#pragma once
// Hints on the wire: words below q take 30 bits, so sixteen of them take 60 bytes. Word i occupies
// bits [30·i, 30·i + 30) of the little-endian bit string. In memory and on disk they stay words.

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/core/lane_polys.hpp"

namespace hippocrypt::protocol {

inline constexpr std::size_t hint_word_bits = 30;

/// Bytes of so many words, a multiple of 16.
constexpr std::size_t packed_hint_bytes(std::size_t words) { return words / 8 * hint_word_bits; }

/// `words` are a multiple of 16 and below q; `packed` has packed_hint_bytes() of them.
void pack_hints(std::span<const std::uint32_t> words, std::span<std::uint8_t> packed);

/// The reverse, of as many words as `words` has. Errors: malformed (a word that is not below q).
Status unpack_hints(ByteView packed, std::span<std::uint32_t> words);

/// Whether these words can be hints. Errors: malformed (one is not below q).
Status check_hint_words(std::span<const std::uint32_t> words);

}  // namespace hippocrypt::protocol
