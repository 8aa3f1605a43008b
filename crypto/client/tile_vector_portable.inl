// The vector operations of tile_kernels.inl for one word at a time.

#include <cstring>

#include "crypto/core/vector_portable.inl"

namespace hippocrypt::crypto {
namespace {

template <int bits>
inline Vec shift_left(Vec x) {
  return x << bits;
}
template <int bits>
inline Vec shift_right(Vec x) {
  return x >> bits;
}
inline Vec bit_and(Vec x, Vec y) { return x & y; }
/// value + amount where x > y as signed words.
inline Vec add_where_greater(Vec value, Vec x, Vec y, Vec amount) {
  const bool greater = static_cast<std::int32_t>(x) > static_cast<std::int32_t>(y);
  return value + (amount & (0U - static_cast<Vec>(greater)));
}

/// rows[f][t] = lanes[t][f] of a 16×16 block; `stride` words from one row to the next.
inline void transpose_block(const std::uint32_t* in, std::uint32_t* rows, std::size_t stride) {
  for (std::size_t f = 0; f < 16; ++f) {
    for (std::size_t t = 0; t < 16; ++t) rows[f * stride + t] = in[t * 16 + f];
  }
}

/// round(x·scale), ties to even, as a signed word. Adding 1.5·2^52 leaves the integer in the low
/// bits.
inline Vec message(const float* x, const double* scale) {
  const double shifted = static_cast<double>(*x) * *scale + 6755399441055744.0;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &shifted, sizeof bits);
  return static_cast<Vec>(bits);
}
inline void store_upload(Vec x, std::uint8_t* out) {
  out[0] = static_cast<std::uint8_t>(x);
  out[1] = static_cast<std::uint8_t>(x >> 8);
  out[2] = static_cast<std::uint8_t>(x >> 16);
}
/// Values of 1 or 2 little-endian bytes.
template <unsigned bytes>
inline Vec load_unsigned(const std::uint8_t* from) {
  if constexpr (bytes == 1) return static_cast<Vec>(from[0]);
  return static_cast<Vec>(from[0]) | static_cast<Vec>(from[1]) << 8;
}
inline void store_scaled(Vec x, const double* inverse_scale, float* y) {
  *y = static_cast<float>(static_cast<double>(static_cast<std::int32_t>(x)) * *inverse_scale);
}

}  // namespace
}  // namespace hippocrypt::crypto
