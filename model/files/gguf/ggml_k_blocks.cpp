// The "K" types: 256 values a block, in parts of 16 or 32 with scales of their own.

#include <array>

#include "model/files/gguf/ggml_blocks.hpp"

namespace hippocrypt::model::ggml {
namespace {

constexpr std::size_t block_values = 256;

struct ScaleAndMin {
  std::uint8_t scale, min;
};

/// Scale and minimum of part `j` of 8, six bits each, packed in 12 bytes (Q4_K and Q5_K): parts 0
/// to 3 in the low six bits of bytes 0 to 7; of the others four bits are in bytes 8 to 11, two in
/// the high bits of the earlier ones.
ScaleAndMin scale_and_min(const std::uint8_t* packed, std::size_t j) {
  const auto byte = [](unsigned value) { return static_cast<std::uint8_t>(value); };
  if (j < 4) return {byte(packed[j] & 63U), byte(packed[j + 4] & 63U)};
  return {byte((packed[j + 4] & 0x0FU) | (packed[j - 4] >> 6U) << 4U),
          byte((packed[j + 4] >> 4U) | (packed[j] >> 6U) << 4U)};
}

/// The 16 scales of a Q3_K block, six bits each, in 12 bytes: four bits in bytes 0 to 7, two in
/// bytes 8 to 11.
std::array<int, 16> q3_scales(const std::uint8_t* packed) {
  std::array<int, 16> out{};
  for (std::size_t j = 0; j < 16; ++j) {
    const unsigned low = j < 8 ? packed[j] & 0x0FU : packed[j - 8] >> 4U;
    const unsigned high = packed[8 + j % 4] >> (2 * (j / 4)) & 3U;
    out[j] = static_cast<int>(low | high << 4U) - 32;
  }
  return out;
}

}  // namespace

/// 16 parts of 16 values of 2 bits; 16 bytes of scale (low) and minimum (high nibble), 64 bytes of
/// values, d, dmin (halves).
void q2_k(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 84) {
    const std::uint8_t* const values = blocks + 16;
    const float d = load_half(blocks + 80);
    const float dmin = load_half(blocks + 82);
    for (std::size_t part = 0; part < 16; ++part, out += 16) {
      const std::uint8_t sc = blocks[part];
      const float scale = d * static_cast<float>(sc & 0x0F);
      const float low = dmin * static_cast<float>(sc >> 4);
      // Each 32 bytes hold 128 values: byte i has bits of values i, i + 32, i + 64, i + 96.
      const std::uint8_t* const at = values + part / 8 * 32 + part % 2 * 16;
      const std::size_t shift = part % 8 / 2 * 2;
      for (std::size_t i = 0; i < 16; ++i) {
        out[i] = scale * static_cast<float>(at[i] >> shift & 3) - low;
      }
    }
  }
}

/// 16 parts of 16 values of 3 bits; 32 bytes of third bits, 64 bytes of the others, 12 of scales, d
/// (half). A third bit that is not set takes 4 away.
void q3_k(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 110) {
    const std::uint8_t* const values = blocks + 32;
    const std::array<int, 16> scales = q3_scales(blocks + 96);
    const float d = load_half(blocks + 108);
    for (std::size_t part = 0; part < 16; ++part, out += 16) {
      const float scale = d * static_cast<float>(scales[part]);
      const std::uint8_t* const at = values + part / 8 * 32 + part % 2 * 16;
      const std::uint8_t* const high = blocks + part % 2 * 16;
      const std::size_t shift = part % 8 / 2 * 2;
      for (std::size_t i = 0; i < 16; ++i) {
        const int above = (high[i] >> (part / 2) & 1) != 0 ? 0 : 4;
        out[i] = scale * static_cast<float>((at[i] >> shift & 3) - above);
      }
    }
  }
}

/// 8 parts of 32 values of 4 bits; d, dmin (halves), 12 bytes of scales and minimums, 128 of
/// values: each 32 bytes hold one part in the low nibbles, the next in the high ones.
void q4_k(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 144) {
    const float d = load_half(blocks);
    const float dmin = load_half(blocks + 2);
    for (std::size_t part = 0; part < 8; ++part, out += 32) {
      const ScaleAndMin sc = scale_and_min(blocks + 4, part);
      const float scale = d * static_cast<float>(sc.scale);
      const float low = dmin * static_cast<float>(sc.min);
      const std::uint8_t* const at = blocks + 16 + part / 2 * 32;
      const std::size_t shift = part % 2 * 4;
      for (std::size_t i = 0; i < 32; ++i) {
        out[i] = scale * static_cast<float>(at[i] >> shift & 0x0F) - low;
      }
    }
  }
}

/// As Q4_K, with 32 bytes of fifth bits before the values: bit `part` of byte i belongs to value i.
void q5_k(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 176) {
    const float d = load_half(blocks);
    const float dmin = load_half(blocks + 2);
    const std::uint8_t* const high = blocks + 16;
    for (std::size_t part = 0; part < 8; ++part, out += 32) {
      const ScaleAndMin sc = scale_and_min(blocks + 4, part);
      const float scale = d * static_cast<float>(sc.scale);
      const float low = dmin * static_cast<float>(sc.min);
      const std::uint8_t* const at = blocks + 48 + part / 2 * 32;
      const std::size_t shift = part % 2 * 4;
      for (std::size_t i = 0; i < 32; ++i) {
        const int value = (at[i] >> shift & 0x0F) + ((high[i] >> part & 1) != 0 ? 16 : 0);
        out[i] = scale * static_cast<float>(value) - low;
      }
    }
  }
}

/// 16 parts of 16 values of 6 bits; 128 bytes of low nibbles, 64 of high bits, 16 signed scales, d
/// (half). d·scale·(q − 32).
void q6_k(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 210, out += block_values) {
    const std::uint8_t* const scales = blocks + 192;
    const float d = load_half(blocks + 208);
    for (std::size_t part = 0; part < 16; ++part) {
      const float scale = d * static_cast<float>(static_cast<std::int8_t>(scales[part]));
      // Of each 128 values, quarter k: low nibbles of bytes (k even: 0 to 31, odd: 32 to 63), those
      // of k = 2 and 3 in the high nibbles; high bits at bit 2k of bytes 0 to 31.
      const std::size_t half = part / 8;
      const std::size_t quarter = part % 8 / 2;
      const std::size_t begin = part % 2 * 16;
      const std::uint8_t* const low = blocks + half * 64 + quarter % 2 * 32 + begin;
      const std::uint8_t* const high = blocks + 128 + half * 32 + begin;
      for (std::size_t i = 0; i < 16; ++i) {
        const int value = (low[i] >> (quarter / 2 * 4) & 0x0F) | (high[i] >> (2 * quarter) & 3)
                                                                     << 4;
        out[part * 16 + i] = scale * static_cast<float>(value - 32);
      }
    }
  }
}

}  // namespace hippocrypt::model::ggml
