// Included by tile_kernels_<isa>.cpp after tile_vector_<isa>.inl, with HIPPOCRYPT_TILE_ENTRY(name)
// pasting the prefix. Everything but the entries is in an unnamed namespace, so that the linker
// cannot merge code compiled for different instruction sets.

#include <cstring>

#include "crypto/client/tile_kernels.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t block_tokens = 16;
constexpr std::size_t block_lanes = 16;

/// round(x·2^24/q) mod 2^24 for x in [0, q), exactly (switch_to_upload in modulus.hpp).
/// 2^61/q fits 32 bits, so the product's high half is x·2^29/q less at most 1 + 2^-2; rounding off
/// 5 bits gives a k within 0.55 of the quotient. The remainder x·2^24 - k·q, which is then below
/// 0.55·q and fits a signed word, says whether k is one off.
inline Vec round_to_upload(Vec x, Vec q, Vec half_q, Vec minus_half_q, Vec factor) {
  Vec k = shift_right<5>(add(mul_high(x, factor), broadcast(16)));
  const Vec remainder = sub(shift_left<24>(x), mul_low(k, q));
  k = sub(k, greater(remainder, half_q));  // a mask is -1
  k = add(k, greater(minus_half_q, remainder));
  return bit_and(k, broadcast(0xFFFFFF));
}

struct EncryptConstants {
  Vec q, half_q, minus_half_q, factor;
};

inline void encrypt_16(const EncryptConstants& c, const std::uint32_t* pads, const float* x,
                       const double* scale, const std::int16_t* errors, std::uint8_t* out) {
  for (std::size_t v = 0; v < block_tokens; v += vec_width) {
    // |message| < q/2 and |error| ≤ 2^8, so the sum lies in (-q, 2q).
    Vec value = add(load(pads + v), add(message(x + v, scale + v), load_errors(errors + v)));
    value = min(value, add(value, c.q));  // a negative value is a large unsigned one
    value = min(value, sub(value, c.q));
    store_upload(round_to_upload(value, c.q, c.half_q, c.minus_half_q, c.factor), out + 3 * v);
  }
}

void encrypt(const EncryptGroup& g) {
  const auto factor = static_cast<std::uint32_t>((1ULL << 61) / g.q);
  const EncryptConstants c{broadcast(g.q), broadcast(g.q / 2), broadcast(0U - g.q / 2),
                           broadcast(factor)};
  for (std::size_t t = 0; t < g.tokens; t += block_tokens) {
    transpose_block(g.pads + t * block_lanes, g.scratch);
    const std::size_t count = g.tokens - t < block_tokens ? g.tokens - t : block_tokens;
    for (std::size_t f = 0; f < g.features; ++f) {
      const std::uint32_t* const pads = g.scratch + f * block_tokens;
      const float* const x = g.x + f * g.x_stride + t;
      const std::int16_t* const errors = g.errors + f * g.error_stride + t;
      std::uint8_t* const out = g.body + (f * g.tokens + t) * 3;
      if (count == block_tokens) {
        encrypt_16(c, pads, x, g.scale + t, errors, out);
        continue;
      }
      float x_tail[block_tokens] = {};  // the row may end with the memory
      std::uint8_t out_tail[block_tokens * 3];
      std::memcpy(x_tail, x, count * sizeof(float));
      encrypt_16(c, pads, x_tail, g.scale + t, errors, out_tail);
      std::memcpy(out, out_tail, count * 3);
    }
  }
}

inline void decrypt_16(Vec q, Vec half_q, Vec minus_half_q, const std::uint32_t* pads,
                       const std::uint8_t* answer, const double* inverse_scale, float* y) {
  for (std::size_t v = 0; v < block_tokens; v += vec_width) {
    // round(B·q/2^16) for q = 2^30 - 2^18 + 1 (switch_from_download in modulus.hpp).
    const Vec b = load_download(answer + 2 * v);
    const Vec product = add(sub(shift_left<14>(b), shift_left<2>(b)), shift_right<15>(b));
    Vec value = sub(product, load(pads + v));  // in (-q, q]
    const Vec too_large = greater(value, half_q);
    const Vec too_small = greater(minus_half_q, value);
    value = sub(value, bit_and(too_large, q));
    value = add(value, bit_and(too_small, q));
    store_scaled(value, inverse_scale + v, y + v);
  }
}

void decrypt(const DecryptGroup& g) {
  const Vec q = broadcast(g.q), half_q = broadcast(g.q / 2), minus_half_q = broadcast(0U - g.q / 2);
  for (std::size_t t = 0; t < g.tokens; t += block_tokens) {
    transpose_block(g.pads + t * block_lanes, g.scratch);
    const std::size_t count = g.tokens - t < block_tokens ? g.tokens - t : block_tokens;
    for (std::size_t f = 0; f < g.features; ++f) {
      const std::uint32_t* const pads = g.scratch + f * block_tokens;
      const std::uint8_t* const answer = g.answer + (f * g.tokens + t) * 2;
      float* const y = g.y + f * g.tokens + t;
      if (count == block_tokens) {
        decrypt_16(q, half_q, minus_half_q, pads, answer, g.inverse_scale + t, y);
        continue;
      }
      std::uint8_t answer_tail[block_tokens * 2] = {};
      float y_tail[block_tokens];
      std::memcpy(answer_tail, answer, count * 2);
      decrypt_16(q, half_q, minus_half_q, pads, answer_tail, g.inverse_scale + t, y_tail);
      std::memcpy(y, y_tail, count * sizeof(float));
    }
  }
}

}  // namespace

namespace tile_kernels {

void HIPPOCRYPT_TILE_ENTRY(encrypt)(const EncryptGroup& group) { encrypt(group); }
void HIPPOCRYPT_TILE_ENTRY(decrypt)(const DecryptGroup& group) { decrypt(group); }
void HIPPOCRYPT_TILE_ENTRY(squares)(const float* x, std::size_t tokens, double* sums) {
  for (std::size_t t = 0; t < tokens; ++t) {
    sums[t] += static_cast<double>(x[t]) * static_cast<double>(x[t]);
  }
}

}  // namespace tile_kernels

}  // namespace hippocrypt::crypto
