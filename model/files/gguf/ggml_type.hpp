#pragma once
// The types of tensors in GGUF files: values in blocks of a fixed size. Format: ggml's ggml.h and
// ggml-common.h.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"

namespace hippocrypt::model {

/// What we can read, numbered as in the file.
enum class GgmlType : std::uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  iq4_nl = 20,
  bf16 = 30
};

/// Turns whole blocks into values: blocks (count), out (count · block_values).
using Dequantize = void (*)(const std::uint8_t* blocks, std::size_t count, float* out);

struct GgmlTypeInfo {
  GgmlType type;
  const char* name;          ///< as in ggml: "Q4_K"
  std::size_t block_values;  ///< values of one block
  std::size_t block_bytes;
  Dequantize dequantize;
};

/// Null for a type that we cannot read.
const GgmlTypeInfo* find_ggml_type(std::uint32_t number);

/// The name of any type, also of one that we cannot read; "type 99" when ggml has none such.
std::string ggml_type_name(std::uint32_t number);

/// The float values of whole blocks, to the bit what ggml gives. blocks.size() must be what
/// out.size() values need.
void dequantize(const GgmlTypeInfo& type, ByteView blocks, std::span<float> out);

}  // namespace hippocrypt::model
