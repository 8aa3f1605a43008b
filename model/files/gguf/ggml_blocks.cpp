// The plain types and those with 32 values a block.

#include "model/files/gguf/ggml_blocks.hpp"

#include <array>

namespace hippocrypt::model::ggml {
namespace {

constexpr std::size_t block_values = 32;
constexpr std::size_t half_block = block_values / 2;

std::uint32_t load_u32(const std::uint8_t* at) {
  std::uint32_t out = 0;
  std::memcpy(&out, at, sizeof(out));
  return out;
}

/// Value j of a block whose low nibbles are values 0 to 15 and whose high ones are 16 to 31.
int nibble(const std::uint8_t* packed, std::size_t j) {
  return j < half_block ? packed[j] & 0x0F : packed[j - half_block] >> 4;
}

/// Five bits: the fifth of value j is bit j of `high`.
int five_bits(const std::uint8_t* packed, std::uint32_t high, std::size_t j) {
  return nibble(packed, j) | static_cast<int>((high >> j & 1U) << 4);
}

}  // namespace

void f32(const std::uint8_t* blocks, std::size_t count, float* out) {
  std::memcpy(out, blocks, count * sizeof(float));
}

void f16(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = load_half(blocks + 2 * i);
}

void bf16(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, blocks + 2 * i, sizeof(bits));
    out[i] = bfloat16_to_float(bits);
  }
}

/// d (half), 16 bytes of nibbles: d·(q − 8).
void q4_0(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 18, out += block_values) {
    const float d = load_half(blocks);
    for (std::size_t j = 0; j < block_values; ++j) {
      out[j] = static_cast<float>(nibble(blocks + 2, j) - 8) * d;
    }
  }
}

/// d, m (halves), 16 bytes of nibbles: d·q + m.
void q4_1(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 20, out += block_values) {
    const float d = load_half(blocks);
    const float m = load_half(blocks + 2);
    for (std::size_t j = 0; j < block_values; ++j) {
      out[j] = static_cast<float>(nibble(blocks + 4, j)) * d + m;
    }
  }
}

/// d (half), 32 fifth bits, 16 bytes of nibbles: d·(q − 16).
void q5_0(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 22, out += block_values) {
    const float d = load_half(blocks);
    const std::uint32_t high = load_u32(blocks + 2);
    for (std::size_t j = 0; j < block_values; ++j) {
      out[j] = static_cast<float>(five_bits(blocks + 6, high, j) - 16) * d;
    }
  }
}

/// d, m (halves), 32 fifth bits, 16 bytes of nibbles: d·q + m.
void q5_1(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 24, out += block_values) {
    const float d = load_half(blocks);
    const float m = load_half(blocks + 2);
    const std::uint32_t high = load_u32(blocks + 4);
    for (std::size_t j = 0; j < block_values; ++j) {
      out[j] = static_cast<float>(five_bits(blocks + 8, high, j)) * d + m;
    }
  }
}

/// d (half), 32 signed bytes: d·q.
void q8_0(const std::uint8_t* blocks, std::size_t count, float* out) {
  for (; count > 0; --count, blocks += 34, out += block_values) {
    const float d = load_half(blocks);
    for (std::size_t j = 0; j < block_values; ++j) {
      out[j] = static_cast<float>(static_cast<std::int8_t>(blocks[2 + j])) * d;
    }
  }
}

/// d (half), 16 bytes of nibbles that choose one of 16 uneven steps: d·step.
void iq4_nl(const std::uint8_t* blocks, std::size_t count, float* out) {
  static constexpr std::array<float, 16> steps{-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};
  for (; count > 0; --count, blocks += 18, out += block_values) {
    const float d = load_half(blocks);
    for (std::size_t j = 0; j < block_values; ++j) {
      out[j] = d * steps[static_cast<std::size_t>(nibble(blocks + 2, j))];
    }
  }
}

}  // namespace hippocrypt::model::ggml
