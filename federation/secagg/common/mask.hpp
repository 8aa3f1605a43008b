#pragma once
// Masks: AES-256-CTR (NIST SP 800-38A; OpenSSL) words from full 256-bit keys, added in Z_2^32. A
// word depends on the key and its index alone, so that ranges of a vector are masked and unmasked
// in parallel.
//
// The modulus is a power of two: keystream words are uniform in the ring as they come.

#include <cstdint>
#include <span>

#include "base/secret.hpp"

namespace hippocrypt::federation::secagg {

enum class MaskSign : std::uint8_t { add, subtract };

/// One mask: the words of `key` (32 bytes, used for this mask only), added or subtracted.
struct Mask {
  SecretBytes key;
  MaskSign sign = MaskSign::add;
};

/// Words of one range; ranges start at its multiples. AES makes 4 words a block.
inline constexpr std::size_t mask_range_words = 32768;

/// words[i] ± mask word first_word + i. `first_word` is a multiple of 4.
void apply_mask(std::span<std::uint32_t> words, const Mask& mask, std::uint64_t first_word);

/// Every mask on the whole vector, range by range on up to `threads` threads.
void apply_masks(std::span<std::uint32_t> words, std::span<const Mask> masks, std::size_t threads);

}  // namespace hippocrypt::federation::secagg
