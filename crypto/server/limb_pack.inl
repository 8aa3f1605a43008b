#pragma once
// Received rows to limbs and sums to answers, over a vector type. Included by kernel translation
// units only, after the struct `Vector` that they pass:
//   Vec, tokens           a vector of `tokens` 32-bit words, in 128-bit parts of four tokens
//   load_24, load_20      a row of values; part p, word l becomes limb l of tokens 4p … 4p+3
//   interleave_{low,high}_{8,16}   within each 128-bit part
//   load, store, add, shift_left<n>, round_16, round_12

#include "crypto/server/limb_kernel.hpp"

namespace hippocrypt::crypto {
namespace {

/// Four rows of limb words to one line a limb: [token][row].
template <class V>
inline void store_quad(const typename V::Vec* rows, std::uint8_t* limbs) {
  constexpr std::size_t line = V::tokens * quad_inputs;
  const auto low_01 = V::interleave_low_8(rows[0], rows[1]);  // limbs 0 and 1 of rows 0 and 1
  const auto low_23 = V::interleave_low_8(rows[2], rows[3]);
  const auto high_01 = V::interleave_high_8(rows[0], rows[1]);  // limb 2
  const auto high_23 = V::interleave_high_8(rows[2], rows[3]);
  V::store(limbs, V::interleave_low_16(low_01, low_23));
  V::store(limbs + line, V::interleave_high_16(low_01, low_23));
  V::store(limbs + 2 * line, V::interleave_low_16(high_01, high_23));
}

template <class V>
void pack_limbs(unsigned bits, const std::uint8_t* rows, std::size_t row_stride, std::size_t quads,
                std::uint8_t* limbs) {
  constexpr std::size_t quad_bytes = limb_count * V::tokens * quad_inputs;
  for (std::size_t q = 0; q < quads; ++q, rows += quad_inputs * row_stride, limbs += quad_bytes) {
    typename V::Vec words[quad_inputs];
    for (std::size_t i = 0; i < quad_inputs; ++i) {
      const std::uint8_t* const row = rows + i * row_stride;
      words[i] = bits == 24 ? V::load_24(row) : V::load_20(row);
    }
    store_quad<V>(words, limbs);
  }
}

template <class V>
void round_rows(unsigned bits, const std::uint32_t* sums, std::size_t rows, std::uint8_t* to,
                std::size_t to_stride) {
  for (std::size_t i = 0; i < rows; ++i, sums += V::tokens, to += to_stride) {
    if (bits == 16) {
      V::round_16(sums, to);
    } else {
      V::round_12(sums, to);
    }
  }
}

/// sums = S_0 + 2^8·S_1 + 2^16·S_2, added to what `sums` holds when accumulating.
template <class V>
inline void combine(const typename V::Vec* limb_sums, std::uint32_t* sums, bool accumulate) {
  auto sum = V::add(limb_sums[0], V::add(V::template shift_left<8>(limb_sums[1]),
                                         V::template shift_left<16>(limb_sums[2])));
  if (accumulate) sum = V::add(sum, V::load(sums));
  V::store(sums, sum);
}

}  // namespace
}  // namespace hippocrypt::crypto
