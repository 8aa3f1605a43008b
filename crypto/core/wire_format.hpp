#pragma once
// How many bits of a ciphertext value travel, and how rows of such values lie in bytes. A row is
// one feature over the tokens of a tile; value t occupies bits [t·bits, (t+1)·bits) of the row's
// little-endian bit string, and every row starts at a whole byte.

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {

/// Fewer bits are less traffic and more noise (noise.hpp): values are switched from q to
/// 2^upload_bits on the way up, and sums to 2^download_bits on the way down.
struct WireFormat {
  unsigned upload_bits = 24;    ///< 24 or 20
  unsigned download_bits = 16;  ///< 16 or 12

  bool is_known() const {
    return (upload_bits == 24 || upload_bits == 20) && (download_bits == 16 || download_bits == 12);
  }
  friend bool operator==(const WireFormat&, const WireFormat&) = default;
};

/// Bytes of a row of `tokens` values. Cannot overflow for tokens ≤ 2^32.
constexpr std::size_t row_bytes(unsigned bits, std::size_t tokens) {
  return (tokens * bits + 7) / 8;
}

/// values[t] = value t of `row`, which has row_bytes(bits, tokens) bytes. bits: 12, 16, 20 or 24.
void unpack_row(unsigned bits, const std::uint8_t* row, std::size_t tokens, std::uint32_t* values);
/// The reverse; higher bits of the values are ignored, and the unused bits of the last byte are
/// zero.
void pack_row(unsigned bits, const std::uint32_t* values, std::size_t tokens, std::uint8_t* row);

}  // namespace hippocrypt::crypto
