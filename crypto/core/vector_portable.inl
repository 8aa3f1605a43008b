// Vectors of one 32-bit word, for machines without AVX2 and as the reference of the other kernels.
// Included by kernel translation units only; see lane_transform.inl.

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {
namespace {

using Vec = std::uint32_t;
constexpr std::size_t vec_width = 1;
constexpr int merged_levels = 2;

inline Vec load(const std::uint32_t* from) { return *from; }
inline void store(std::uint32_t* to, Vec x) { *to = x; }
inline Vec broadcast(std::uint32_t x) { return x; }
inline Vec add(Vec x, Vec y) { return x + y; }
inline Vec sub(Vec x, Vec y) { return x - y; }
inline Vec min(Vec x, Vec y) { return x < y ? x : y; }
inline Vec mul_low(Vec x, Vec y) { return x * y; }
inline Vec mul_high(Vec x, Vec y) {
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(x) * y) >> 32);
}

/// 64-bit sums of the products of each word.
struct Wide {
  std::uint64_t sum = 0;
};
inline Wide multiply_add(Wide acc, Vec x, Vec y) {
  return {acc.sum + static_cast<std::uint64_t>(x) * y};
}
/// Congruent sums below 2^53, for y = 2^32 mod q < 2^20.
inline Wide fold(Wide acc, Vec y) { return {(acc.sum & 0xFFFFFFFFU) + (acc.sum >> 32) * y}; }
inline void store_wide(std::uint64_t* to, Wide acc) { *to = acc.sum; }

}  // namespace
}  // namespace hippocrypt::crypto
