#pragma once
// Dequantisation of each block type, to the bit what ggml's reference gives: the same float
// operations in the same order. Internal to ggml_type.cpp. Source: ggml, ggml-quants.c
// (dequantize_row_*) and ggml-common.h (layouts).

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "model/files/half.hpp"

namespace hippocrypt::model::ggml {

/// blocks (count blocks of the type's size) → out (count · values of a block).
void f32(const std::uint8_t* blocks, std::size_t count, float* out);
void f16(const std::uint8_t* blocks, std::size_t count, float* out);
void bf16(const std::uint8_t* blocks, std::size_t count, float* out);
void q4_0(const std::uint8_t* blocks, std::size_t count, float* out);
void q4_1(const std::uint8_t* blocks, std::size_t count, float* out);
void q5_0(const std::uint8_t* blocks, std::size_t count, float* out);
void q5_1(const std::uint8_t* blocks, std::size_t count, float* out);
void q8_0(const std::uint8_t* blocks, std::size_t count, float* out);
void iq4_nl(const std::uint8_t* blocks, std::size_t count, float* out);
void q2_k(const std::uint8_t* blocks, std::size_t count, float* out);
void q3_k(const std::uint8_t* blocks, std::size_t count, float* out);
void q4_k(const std::uint8_t* blocks, std::size_t count, float* out);
void q5_k(const std::uint8_t* blocks, std::size_t count, float* out);
void q6_k(const std::uint8_t* blocks, std::size_t count, float* out);

/// A scale at `at`, which need not be aligned.
inline float load_half(const std::uint8_t* at) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof(bits));
  return half_to_float(bits);
}

}  // namespace hippocrypt::model::ggml
