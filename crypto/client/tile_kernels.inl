// Included by tile_kernels_<isa>.cpp after tile_vector_<isa>.inl, with HIPPOCRYPT_TILE_ENTRY(name)
// pasting the prefix. Everything but the entries is in an unnamed namespace, so that the linker
// cannot merge code compiled for different instruction sets.

#include <cstring>

#include "crypto/client/tile_kernels.hpp"
#include "crypto/core/wire_format.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t block_tokens = 16;
constexpr std::size_t block_lanes = 16;

/// row += e + q for 16 tokens (tuniform_from_bits in sampler.hpp), `offset` being q - 2^b.
template <unsigned sample_bytes>
inline void add_noise(const std::uint8_t* noise, Vec mask, Vec offset, std::uint32_t* row) {
  for (std::size_t v = 0; v < block_tokens; v += vec_width) {
    const Vec kept = bit_and(load_unsigned<sample_bytes>(noise + v * sample_bytes), mask);
    const Vec error = add(shift_right<1>(add(kept, broadcast(1))), offset);
    store(row + v, add(load(row + v), error));
  }
}

template <unsigned sample_bytes>
void noisy_rows(const PadRows& job, std::size_t t) {
  const Vec mask = broadcast((1U << (job.log_bound + 2)) - 1);
  const Vec offset = broadcast(job.q - (1U << job.log_bound));
  for (std::size_t f = 0; f < block_lanes; ++f) {
    add_noise<sample_bytes>(job.noise + f * job.noise_stride + t * sample_bytes, mask, offset,
                            job.rows + f * job.row_stride + t);
  }
}

void pad_rows(const PadRows& job) {
  for (std::size_t t = 0; t < job.tokens; t += block_tokens) {
    transpose_block(job.lanes + t * block_lanes, job.rows + t, job.row_stride);
    if (job.noise == nullptr) continue;
    if (job.log_bound <= 6) {
      noisy_rows<1>(job, t);
    } else {
      noisy_rows<2>(job, t);
    }
  }
}

/// Several features a pass, as the sums are longer than the activations; the order is that of one.
template <std::size_t features>
void add_squares(const float* __restrict x, std::size_t x_stride, std::size_t tokens,
                 double* __restrict sums) {
  for (std::size_t t = 0; t < tokens; ++t) {
    double sum = sums[t];
    for (std::size_t f = 0; f < features; ++f) {
      const double value = static_cast<double>(x[f * x_stride + t]);
      sum += value * value;
    }
    sums[t] = sum;
  }
}

struct EncryptConstants {
  Vec q, half_q, factor;
};

/// round(x·2^bits/q) for x in [0, 3q), exactly; a representative modulo q gives the same value
/// modulo 2^bits as another (switch_to_upload in modulus.hpp). With factor = ⌊2^61/q⌋, which fits
/// 32 bits, the product's high half is below T = x·2^29/q by less than 1.75. So rounding it to
/// multiples of 2^(29-bits) ≥ 32 gives the k of T or one less, and the remainder x·2^bits - k·q,
/// in (-q/2, 0.56·q) and therefore right as a signed word, says which.
template <unsigned bits>
inline Vec round_to_upload(Vec x, const EncryptConstants& c) {
  const Vec k = shift_right<29 - bits>(add(mul_high(x, c.factor), broadcast(1U << (28 - bits))));
  const Vec remainder = sub(shift_left<bits>(x), mul_low(k, c.q));
  return add_where_greater(k, remainder, c.half_q, broadcast(1));
}

template <unsigned bits>
inline Vec encrypt_vector(const EncryptConstants& c, const std::uint32_t* pads, const float* x,
                          const double* scale) {
  // |message| < q/2, |error| ≤ 2^8 and the pads' extra q keep the sum in (0, 3q).
  return round_to_upload<bits>(add(load(pads), message(x, scale)), c);
}

/// 16 values of 24 bits.
inline void encrypt_16(const EncryptConstants& c, const std::uint32_t* pads, const float* x,
                       const double* scale, std::uint8_t* out) {
  for (std::size_t v = 0; v < block_tokens; v += vec_width) {
    store_upload(encrypt_vector<24>(c, pads + v, x + v, scale + v), out + 3 * v);
  }
}
/// 16 values of 20 bits (higher bits are to be ignored).
inline void encrypt_16(const EncryptConstants& c, const std::uint32_t* pads, const float* x,
                       const double* scale, std::uint32_t* out) {
  for (std::size_t v = 0; v < block_tokens; v += vec_width) {
    store(out + v, encrypt_vector<20>(c, pads + v, x + v, scale + v));
  }
}

/// `out` takes tokens·stored elements; only those are written.
template <std::size_t stored, class Out>
void encrypt_row(const EncryptConstants& c, const std::uint32_t* pads, const float* x,
                 const double* scale, Out* out, std::size_t tokens) {
  std::size_t t = 0;
  for (; t + block_tokens <= tokens; t += block_tokens) {
    encrypt_16(c, pads + t, x + t, scale + t, out + t * stored);
  }
  if (t == tokens) return;
  float x_tail[block_tokens] = {};  // the row may end with the memory
  Out out_tail[block_tokens * stored];
  std::memcpy(x_tail, x + t, (tokens - t) * sizeof(float));
  encrypt_16(c, pads + t, x_tail, scale + t, out_tail);
  std::memcpy(out + t * stored, out_tail, (tokens - t) * stored * sizeof(Out));
}

void encrypt(const EncryptRows& job) {
  const auto factor = static_cast<std::uint32_t>((1ULL << 61) / job.q);
  const EncryptConstants c{broadcast(job.q), broadcast(job.q / 2), broadcast(factor)};
  for (std::size_t f = 0; f < job.features; ++f) {
    const std::uint32_t* const pads = job.pads + f * job.pad_stride;
    const float* const x = job.x + f * job.x_stride;
    std::uint8_t* const body = job.body + f * job.body_stride;
    if (job.upload_bits == 24) {
      encrypt_row<3>(c, pads, x, job.scale, body, job.tokens);
      continue;
    }
    for (std::size_t t = 0; t < job.tokens; t += visit_tokens) {
      const std::size_t count = job.tokens - t < visit_tokens ? job.tokens - t : visit_tokens;
      std::uint32_t values[visit_tokens];
      encrypt_row<1>(c, pads + t, x + t, job.scale + t, values, count);
      pack_row(20, values, count, body + t * 20 / 8);
    }
  }
}

struct DecryptConstants {
  Vec q, minus_q, half_q, minus_half_q;
};

/// 16 values of 16 bits.
inline void decrypt_16(const DecryptConstants& c, const std::uint32_t* pads,
                       const std::uint8_t* answer, const double* inverse_scale, float* y) {
  for (std::size_t v = 0; v < block_tokens; v += vec_width) {
    // round(B·q/2^16) for q = 2^30 - 2^18 + 1 (switch_from_download in modulus.hpp).
    const Vec b = load_unsigned<2>(answer + 2 * v);
    const Vec product = add(sub(shift_left<14>(b), shift_left<2>(b)), shift_right<15>(b));
    const Vec value = sub(product, load(pads + v));  // in (-q, q], and at most one of these applies
    const Vec below = add_where_greater(value, value, c.half_q, c.minus_q);
    store_scaled(add_where_greater(below, c.minus_half_q, value, c.q), inverse_scale + v, y + v);
  }
}

void decrypt_row(const DecryptConstants& c, const std::uint32_t* pads, const std::uint8_t* answer,
                 const double* inverse_scale, float* y, std::size_t tokens) {
  std::size_t t = 0;
  for (; t + block_tokens <= tokens; t += block_tokens) {
    decrypt_16(c, pads + t, answer + 2 * t, inverse_scale + t, y + t);
  }
  if (t == tokens) return;
  std::uint8_t answer_tail[2 * block_tokens] = {};
  float y_tail[block_tokens];
  std::memcpy(answer_tail, answer + 2 * t, 2 * (tokens - t));
  decrypt_16(c, pads + t, answer_tail, inverse_scale + t, y_tail);
  std::memcpy(y + t, y_tail, (tokens - t) * sizeof(float));
}

/// Values of 12 bits to values of 16 bits, v·2^4, which stand for the same v·q/2^12.
void widen(const std::uint8_t* answer, std::size_t tokens, std::uint8_t* wide) {
  std::uint32_t values[visit_tokens];
  unpack_row(12, answer, tokens, values);
  for (std::size_t t = 0; t < tokens; ++t) {
    const auto value = static_cast<std::uint16_t>(values[t] << 4);
    std::memcpy(wide + 2 * t, &value, 2);  // little-endian, as the machine is
  }
}

void decrypt(const DecryptRows& job) {
  const DecryptConstants c{broadcast(job.q), broadcast(0U - job.q), broadcast(job.q / 2),
                           broadcast(0U - job.q / 2)};
  for (std::size_t f = 0; f < job.features; ++f) {
    const std::uint32_t* const pads = job.pads + f * job.pad_stride;
    const std::uint8_t* const answer = job.answer + f * job.answer_stride;
    float* const y = job.y + f * job.y_stride;
    if (job.download_bits == 16) {
      decrypt_row(c, pads, answer, job.inverse_scale, y, job.tokens);
      continue;
    }
    for (std::size_t t = 0; t < job.tokens; t += visit_tokens) {
      const std::size_t count = job.tokens - t < visit_tokens ? job.tokens - t : visit_tokens;
      std::uint8_t wide[2 * visit_tokens];
      widen(answer + t * 12 / 8, count, wide);
      decrypt_row(c, pads + t, wide, job.inverse_scale + t, y + t, count);
    }
  }
}

}  // namespace

namespace tile_kernels {

void HIPPOCRYPT_TILE_ENTRY(pads)(const PadRows& job) { pad_rows(job); }
void HIPPOCRYPT_TILE_ENTRY(encrypt)(const EncryptRows& job) { encrypt(job); }
void HIPPOCRYPT_TILE_ENTRY(decrypt)(const DecryptRows& job) { decrypt(job); }
void HIPPOCRYPT_TILE_ENTRY(squares)(const float* x, std::size_t x_stride, std::size_t features,
                                    std::size_t tokens, double* sums) {
  std::size_t f = 0;
  for (; f + 4 <= features; f += 4, x += 4 * x_stride) add_squares<4>(x, x_stride, tokens, sums);
  for (; f < features; ++f, x += x_stride) add_squares<1>(x, x_stride, tokens, sums);
}

}  // namespace tile_kernels

}  // namespace hippocrypt::crypto
