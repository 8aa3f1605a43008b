// The integer kernels in scalar arithmetic: the same tiling, packing and order of operations.

#include <cstring>

#include "crypto/server/limb_amx.inl"
#include "crypto/server/limb_vnni.inl"

namespace hippocrypt::crypto {
namespace {

/// The sum of four uint8·int8 products and `sum`, mod 2^32, as vpdpbusd and tdpbsud have it.
std::uint32_t dot_4(std::uint32_t sum, const std::uint8_t* limbs, const std::int8_t* weights) {
  for (std::size_t i = 0; i < quad_inputs; ++i) {
    sum += static_cast<std::uint32_t>(int{limbs[i]} * int{weights[i]});
  }
  return sum;
}

template <std::size_t token_count>
struct EmulatedVector {
  static constexpr std::size_t tokens = token_count;
  static constexpr std::size_t part_bytes = 16, size = tokens * 4;
  struct Vec {
    std::uint8_t bytes[size];
  };

  static Vec zero() { return {}; }
  static Vec load(const void* from) {
    Vec x;
    std::memcpy(x.bytes, from, size);
    return x;
  }
  static void store(void* to, const Vec& x) { std::memcpy(to, x.bytes, size); }
  static std::uint32_t word(const Vec& x, std::size_t i) {
    std::uint32_t value;
    std::memcpy(&value, x.bytes + 4 * i, 4);
    return value;
  }
  template <class Function>
  static Vec map_words(Function function) {
    Vec x;
    for (std::size_t i = 0; i < tokens; ++i) {
      const std::uint32_t value = function(i);
      std::memcpy(x.bytes + 4 * i, &value, 4);
    }
    return x;
  }
  static Vec add(const Vec& x, const Vec& y) {
    return map_words([&](std::size_t i) { return word(x, i) + word(y, i); });
  }
  template <unsigned bits>
  static Vec shift_left(const Vec& x) {
    return map_words([&](std::size_t i) { return word(x, i) << bits; });
  }

  /// Groups of `unit` bytes of x and y in turn, from the lower or upper half of each part.
  template <std::size_t unit, bool upper>
  static Vec interleave(const Vec& x, const Vec& y) {
    Vec z;
    for (std::size_t part = 0; part < size; part += part_bytes) {
      const std::size_t from = part + (upper ? part_bytes / 2 : 0);
      for (std::size_t i = 0; i < part_bytes / 2; i += unit) {
        std::memcpy(z.bytes + part + 2 * i, x.bytes + from + i, unit);
        std::memcpy(z.bytes + part + 2 * i + unit, y.bytes + from + i, unit);
      }
    }
    return z;
  }
  static Vec interleave_low_8(const Vec& x, const Vec& y) { return interleave<1, false>(x, y); }
  static Vec interleave_high_8(const Vec& x, const Vec& y) { return interleave<1, true>(x, y); }
  static Vec interleave_low_16(const Vec& x, const Vec& y) { return interleave<2, false>(x, y); }
  static Vec interleave_high_16(const Vec& x, const Vec& y) { return interleave<2, true>(x, y); }

  /// values(t) is the 24-bit value of token t.
  template <class Values>
  static Vec split(Values values) {
    Vec x{};
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t limb = 0; limb < limb_count; ++limb) {
        x.bytes[t / 4 * part_bytes + limb * 4 + t % 4] =
            static_cast<std::uint8_t>(values(t) >> (8 * limb));
      }
    }
    return x;
  }
  static std::uint32_t three_bytes(const std::uint8_t* from) {
    return from[0] | std::uint32_t{from[1]} << 8 | std::uint32_t{from[2]} << 16;
  }
  static Vec load_24(const std::uint8_t* row) {
    return split([&](std::size_t t) { return three_bytes(row + 3 * t); });
  }
  static Vec load_20(const std::uint8_t* row) {
    return split([&](std::size_t t) {
      const std::uint32_t bytes = three_bytes(row + t * 20 / 8);
      return (t % 2 == 0 ? bytes << 4 : bytes) & 0xFFFFF0;
    });
  }
  static void round_16(const std::uint32_t* sums, std::uint8_t* to) {
    for (std::size_t t = 0; t < tokens; ++t) {
      const std::uint32_t rounded = (sums[t] + 128) >> 8;
      to[2 * t] = static_cast<std::uint8_t>(rounded);
      to[2 * t + 1] = static_cast<std::uint8_t>(rounded >> 8);
    }
  }
  static void round_12(const std::uint32_t* sums, std::uint8_t* to) {
    for (std::size_t t = 0; t < tokens; t += 2, to += 3) {
      const std::uint32_t low = (sums[t] + (1U << 11)) >> 12 & 0xFFF;
      const std::uint32_t high = (sums[t + 1] + (1U << 11)) >> 12 & 0xFFF;
      const std::uint32_t pair = low | high << 12;
      for (unsigned i = 0; i < 3; ++i) to[i] = static_cast<std::uint8_t>(pair >> (8 * i));
    }
  }
};

template <std::size_t token_count, std::size_t row_count>
struct EmulatedVnni : EmulatedVector<token_count> {
  using Base = EmulatedVector<token_count>;
  using typename Base::Vec;
  static constexpr std::size_t rows = row_count;

  static Vec broadcast(const std::int8_t* weights) {
    std::uint32_t word;
    std::memcpy(&word, weights, sizeof word);
    return Base::map_words([&](std::size_t) { return word; });
  }
  static Vec dpbusd(const Vec& sum, const Vec& limbs, const Vec& weights) {
    return Base::map_words([&](std::size_t i) {
      return dot_4(Base::word(sum, i), limbs.bytes + 4 * i,
                   reinterpret_cast<const std::int8_t*>(weights.bytes) + 4 * i);
    });
  }
};

/// Eight tile registers of 16 rows of 64 bytes.
class EmulatedTiles {
 public:
  static void enter() {}
  static void leave() {}
  template <int tile>
  void zero() {
    std::memset(tiles_[tile], 0, sizeof tiles_[tile]);
  }
  template <int tile>
  void load(const void* from, std::size_t stride) {
    for (std::size_t i = 0; i < amx_rows; ++i) {
      std::memcpy(tiles_[tile][i], static_cast<const std::uint8_t*>(from) + i * stride, 64);
    }
  }
  template <int tile>
  void store(void* to, std::size_t stride) const {
    for (std::size_t i = 0; i < amx_rows; ++i) {
      std::memcpy(static_cast<std::uint8_t*>(to) + i * stride, tiles_[tile][i], 64);
    }
  }
  template <int sum, int weights, int limbs>
  void dpbsud() {
    for (std::size_t m = 0; m < amx_rows; ++m) {
      for (std::size_t n = 0; n < amx_tokens; ++n) {
        std::uint32_t value;
        std::memcpy(&value, tiles_[sum][m] + 4 * n, 4);
        for (std::size_t k = 0; k < amx_inputs / quad_inputs; ++k) {
          value = dot_4(value, tiles_[limbs][k] + 4 * n,
                        reinterpret_cast<const std::int8_t*>(tiles_[weights][m]) + 4 * k);
        }
        std::memcpy(tiles_[sum][m] + 4 * n, &value, 4);
      }
    }
  }

 private:
  std::uint8_t tiles_[8][amx_rows][64];
};

}  // namespace

constexpr LimbKernel emulated_avx512_vnni_kernel =
    vnni_kernel<EmulatedVnni<16, 8>>("avx512_vnni (emulated)");
constexpr LimbKernel emulated_avx_vnni_kernel =
    vnni_kernel<EmulatedVnni<8, 4>>("avx_vnni (emulated)");
constexpr LimbKernel emulated_amx_kernel =
    amx_limb_kernel<EmulatedTiles, EmulatedVector<16>>("amx (emulated)");

}  // namespace hippocrypt::crypto
