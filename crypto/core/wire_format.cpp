#include "crypto/core/wire_format.hpp"

#include <cstring>

#include "base/check.hpp"

namespace hippocrypt::crypto {
namespace {

/// Values that fill whole 64-bit words in every format.
constexpr std::size_t block_values = 16;

/// Sixteen values as bits/4 words. The words are little-endian in memory, as the machine is
/// (byte_reader.hpp asserts that). Unrolled, so that every shift is a constant.
template <unsigned bits>
void pack_block(const std::uint32_t* values, std::uint8_t* out) {
  std::uint64_t words[bits / 4] = {};
#pragma GCC unroll 16
  for (unsigned i = 0; i < block_values; ++i) {
    const std::uint64_t value = values[i] & ((1U << bits) - 1);
    const unsigned word = i * bits / 64, shift = i * bits % 64;
    words[word] |= value << shift;
    if (shift + bits > 64) words[word + 1] |= value >> (64 - shift);
  }
  std::memcpy(out, words, sizeof words);
}

template <unsigned bits>
void unpack_block(const std::uint8_t* in, std::uint32_t* values) {
  std::uint64_t words[bits / 4];
  std::memcpy(words, in, sizeof words);
#pragma GCC unroll 16
  for (unsigned i = 0; i < block_values; ++i) {
    const unsigned word = i * bits / 64, shift = i * bits % 64;
    std::uint64_t value = words[word] >> shift;
    if (shift + bits > 64) value |= words[word + 1] << (64 - shift);
    values[i] = static_cast<std::uint32_t>(value) & ((1U << bits) - 1);
  }
}

template <unsigned bits>
void pack(const std::uint32_t* values, std::size_t tokens, std::uint8_t* row) {
  constexpr std::size_t block_bytes = row_bytes(bits, block_values);
  for (; tokens >= block_values; tokens -= block_values, values += block_values) {
    pack_block<bits>(values, row);
    row += block_bytes;
  }
  if (tokens == 0) return;
  std::uint32_t rest[block_values] = {};
  std::uint8_t packed[block_bytes];
  std::memcpy(rest, values, tokens * sizeof *values);
  pack_block<bits>(rest, packed);
  std::memcpy(row, packed, row_bytes(bits, tokens));
}

template <unsigned bits>
void unpack(const std::uint8_t* row, std::size_t tokens, std::uint32_t* values) {
  constexpr std::size_t block_bytes = row_bytes(bits, block_values);
  for (; tokens >= block_values; tokens -= block_values, row += block_bytes) {
    unpack_block<bits>(row, values);
    values += block_values;
  }
  if (tokens == 0) return;
  std::uint8_t packed[block_bytes] = {};
  std::uint32_t rest[block_values];
  std::memcpy(packed, row, row_bytes(bits, tokens));
  unpack_block<bits>(packed, rest);
  std::memcpy(values, rest, tokens * sizeof *values);
}

}  // namespace

void unpack_row(unsigned bits, const std::uint8_t* row, std::size_t tokens, std::uint32_t* values) {
  switch (bits) {
    case 12:
      return unpack<12>(row, tokens, values);
    case 16:
      return unpack<16>(row, tokens, values);
    case 20:
      return unpack<20>(row, tokens, values);
    case 24:
      return unpack<24>(row, tokens, values);
    default:
      check_failed(__FILE__, __LINE__, "bits", "values of this width have no wire format");
  }
}

void pack_row(unsigned bits, const std::uint32_t* values, std::size_t tokens, std::uint8_t* row) {
  switch (bits) {
    case 12:
      return pack<12>(values, tokens, row);
    case 16:
      return pack<16>(values, tokens, row);
    case 20:
      return pack<20>(values, tokens, row);
    case 24:
      return pack<24>(values, tokens, row);
    default:
      check_failed(__FILE__, __LINE__, "bits", "values of this width have no wire format");
  }
}

}  // namespace hippocrypt::crypto
