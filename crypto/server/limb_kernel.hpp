#pragma once
// Internal to crypto/server: the part of an integer product that depends on the instruction set.
//
// A 24-bit value is three unsigned bytes, its limbs. One tile is tile_rows outputs by tile_tokens
// columns; for each limb l the sum S_l of int8·uint8 products is kept in 32 bits and may wrap,
// because only the low 24 bits of S_0 + 2^8·S_1 + 2^16·S_2 are wanted. Each limb_<isa>.cpp fills
// one table; plain pointers only, so that no inline function compiled for one instruction set can
// be picked by the linker for another.

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {

constexpr std::size_t limb_count = 3;
/// Inputs that one 32-bit lane multiplies and adds at a time.
constexpr std::size_t quad_inputs = 4;

/// Weights lie as [row block][input / weight_inputs][tile_rows][weight_inputs] (zeros fill up),
/// limbs of a tile as [input / 4][limb][tile_tokens][4].
struct LimbKernel {
  const char* name;
  std::size_t tile_rows, tile_tokens, weight_inputs;
  /// Called by every thread before its first and after its last tile.
  void (*enter_thread)();
  void (*leave_thread)();
  /// Rows of tile_tokens values of 24 or 20 bits (which become 16·v) to limbs: 4 rows a quad, row i
  /// at rows + i·row_stride.
  void (*pack_limbs)(unsigned bits, const std::uint8_t* rows, std::size_t row_stride,
                     std::size_t quads, std::uint8_t* limbs);
  /// sums[tile_rows][tile_tokens] = (or, to accumulate, +=) S_0 + 2^8·S_1 + 2^16·S_2 mod 2^32 over
  /// `inputs`, a multiple of weight_inputs. All three 64-byte aligned.
  void (*multiply_tile)(const std::int8_t* weights, const std::uint8_t* limbs, std::size_t inputs,
                        std::uint32_t* sums, bool accumulate);
  /// `rows` rows of tile_tokens sums mod 2^24 to their top 16 or 12 bits, row i to `to` +
  /// i·to_stride.
  void (*round_rows)(unsigned bits, const std::uint32_t* sums, std::size_t rows, std::uint8_t* to,
                     std::size_t to_stride);
};

extern const LimbKernel avx512_vnni_kernel, avx_vnni_kernel, amx_kernel;
/// The same tiling, packing and blocking in scalar arithmetic, so that every machine can test them.
extern const LimbKernel emulated_avx512_vnni_kernel, emulated_avx_vnni_kernel, emulated_amx_kernel;

}  // namespace hippocrypt::crypto
