#include "crypto/server/limb_amx.inl"
#include "crypto/server/limb_vector_avx512.inl"

namespace hippocrypt::crypto {
namespace {

/// What ldtilecfg reads: all eight registers are 16 rows of 64 bytes.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);

/// The state lies in the machine's tile registers, which compilers do not allocate: their numbers
/// are written into the instructions. (The intrinsics want literals, not template arguments.)
struct AmxTiles {
  static void enter() {
    const TileConfig config;
    asm volatile("ldtilecfg %0" : : "m"(config));
  }
  static void leave() { asm volatile("tilerelease"); }

  template <int tile>
  void zero() {
    asm volatile("tilezero %%tmm%c0" : : "i"(tile));
  }
  template <int tile>
  void load(const void* from, std::size_t stride) {
    asm volatile("tileloadd (%0,%1), %%tmm%c2" : : "r"(from), "r"(stride), "i"(tile) : "memory");
  }
  template <int tile>
  void store(void* to, std::size_t stride) {
    asm volatile("tilestored %%tmm%c2, (%0,%1)" : : "r"(to), "r"(stride), "i"(tile) : "memory");
  }
  /// sum += signed weights · unsigned limbs; the sums wrap.
  template <int sum, int weights, int limbs>
  void dpbsud() {
    asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sum), "i"(weights), "i"(limbs));
  }
};

}  // namespace

constexpr LimbKernel amx_kernel = amx_limb_kernel<AmxTiles, Avx512Vector>("amx");

}  // namespace hippocrypt::crypto
