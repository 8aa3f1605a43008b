// One tile by AMX-INT8, over a `Tiles` with zero, load, store and dpbsud (adds the products of a
// 16×64 tile of int8 and a 64×16 tile of uint8, the latter as [input / 4][token][4]) on eight tile
// registers, and a `Vector` as in limb_pack.inl.

#include "crypto/server/limb_pack.inl"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t amx_rows = 16, amx_tokens = 16, amx_inputs = 64;

/// Two row blocks by three limbs are six sums; register 6 holds weights and 7 limbs. The second row
/// block takes the limbs backwards, so that the one loaded last serves twice.
template <class Tiles>
inline void add_amx_products(Tiles& tiles, const std::int8_t* weights, const std::uint8_t* limbs) {
  constexpr std::size_t line = amx_tokens * quad_inputs, stride = limb_count * line;
  tiles.template load<6>(weights, amx_inputs);
  tiles.template load<7>(limbs, stride);
  tiles.template dpbsud<0, 6, 7>();
  tiles.template load<7>(limbs + line, stride);
  tiles.template dpbsud<1, 6, 7>();
  tiles.template load<7>(limbs + 2 * line, stride);
  tiles.template dpbsud<2, 6, 7>();
  tiles.template load<6>(weights + amx_rows * amx_inputs, amx_inputs);
  tiles.template dpbsud<5, 6, 7>();
  tiles.template load<7>(limbs + line, stride);
  tiles.template dpbsud<4, 6, 7>();
  tiles.template load<7>(limbs, stride);
  tiles.template dpbsud<3, 6, 7>();
}

template <class Tiles, class V>
void multiply_amx_tile(const std::int8_t* weights, const std::uint8_t* limbs, std::size_t inputs,
                       std::uint32_t* sums, bool accumulate) {
  constexpr std::size_t tile_sums = amx_rows * amx_tokens;
  Tiles tiles;
  tiles.template zero<0>();
  tiles.template zero<1>();
  tiles.template zero<2>();
  tiles.template zero<3>();
  tiles.template zero<4>();
  tiles.template zero<5>();
  for (std::size_t j = 0; j < inputs; j += amx_inputs) {
    add_amx_products(tiles, weights + j * 2 * amx_rows, limbs + j * limb_count * amx_tokens);
  }
  alignas(64) std::uint32_t parts[2 * limb_count][tile_sums];
  constexpr std::size_t stride = amx_tokens * sizeof(std::uint32_t);
  tiles.template store<0>(parts[0], stride);
  tiles.template store<1>(parts[1], stride);
  tiles.template store<2>(parts[2], stride);
  tiles.template store<3>(parts[3], stride);
  tiles.template store<4>(parts[4], stride);
  tiles.template store<5>(parts[5], stride);
  for (std::size_t block = 0; block < 2; ++block) {
    for (std::size_t i = 0; i < tile_sums; i += V::tokens, sums += V::tokens) {
      const auto* const from = parts + block * limb_count;
      const typename V::Vec limb_sums[limb_count] = {V::load(from[0] + i), V::load(from[1] + i),
                                                     V::load(from[2] + i)};
      combine<V>(limb_sums, sums, accumulate);
    }
  }
}

template <class Tiles, class V>
constexpr LimbKernel amx_limb_kernel(const char* name) {
  return {name,         2 * amx_rows, amx_tokens,    amx_inputs,
          Tiles::enter, Tiles::leave, pack_limbs<V>, multiply_amx_tile<Tiles, V>,
          round_rows<V>};
}

}  // namespace
}  // namespace hippocrypt::crypto
