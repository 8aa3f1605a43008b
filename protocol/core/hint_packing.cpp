#include "protocol/core/hint_packing.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "crypto/core/modulus.hpp"

namespace hippocrypt::protocol {
namespace {

static_assert(crypto::modulus_q < (std::uint32_t{1} << hint_word_bits));
static_assert(std::endian::native == std::endian::little);

// Four words at a time: 120 bits, as 8 and 7 bytes.
constexpr std::size_t words_a_step = 4, bytes_a_step = 15, bytes_of_low = 8;
constexpr std::uint64_t word_mask = (std::uint64_t{1} << hint_word_bits) - 1;

}  // namespace

void pack_hints(std::span<const std::uint32_t> words, std::span<std::uint8_t> packed) {
  HIPPOCRYPT_CHECK(words.size() % crypto::lanes == 0);
  HIPPOCRYPT_CHECK(packed.size() == packed_hint_bytes(words.size()));
  std::uint8_t* out = packed.data();
  for (std::size_t i = 0; i < words.size(); i += words_a_step, out += bytes_a_step) {
    const std::uint64_t first = words[i] | std::uint64_t{words[i + 1]} << hint_word_bits;
    const std::uint64_t second = words[i + 2] | std::uint64_t{words[i + 3]} << hint_word_bits;
    const std::uint64_t low = first | second << 60, high = second >> 4;
    std::memcpy(out, &low, bytes_of_low);
    std::memcpy(out + bytes_of_low, &high, bytes_a_step - bytes_of_low);
  }
}

Status unpack_hints(ByteView packed, std::span<std::uint32_t> words) {
  HIPPOCRYPT_CHECK(words.size() % crypto::lanes == 0);
  HIPPOCRYPT_CHECK(packed.size() == packed_hint_bytes(words.size()));
  const std::uint8_t* in = packed.data();
  for (std::size_t i = 0; i < words.size(); i += words_a_step, in += bytes_a_step) {
    std::uint64_t low = 0, high = 0;
    std::memcpy(&low, in, bytes_of_low);
    std::memcpy(&high, in + bytes_of_low, bytes_a_step - bytes_of_low);
    const std::uint64_t second = low >> 60 | high << 4;
    words[i] = static_cast<std::uint32_t>(low & word_mask);
    words[i + 1] = static_cast<std::uint32_t>(low >> hint_word_bits & word_mask);
    words[i + 2] = static_cast<std::uint32_t>(second & word_mask);
    words[i + 3] = static_cast<std::uint32_t>(second >> hint_word_bits);
  }
  return check_hint_words(words);
}

Status check_hint_words(std::span<const std::uint32_t> words) {
  // The largest word decides, so that the loop has no exit and runs at the speed of memory.
  std::uint32_t largest = 0;
  for (const std::uint32_t word : words) largest = std::max(largest, word);
  if (largest < crypto::modulus_q) return Ok{};
  return Error{Errc::malformed, "a hint of the server is not below the modulus"};
}

}  // namespace hippocrypt::protocol
