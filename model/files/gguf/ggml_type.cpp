#include "model/files/gguf/ggml_type.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.hpp"
#include "model/files/gguf/ggml_blocks.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::array<GgmlTypeInfo, 14> readable{{
    {GgmlType::f32, "F32", 1, 4, ggml::f32},
    {GgmlType::f16, "F16", 1, 2, ggml::f16},
    {GgmlType::bf16, "BF16", 1, 2, ggml::bf16},
    {GgmlType::q4_0, "Q4_0", 32, 18, ggml::q4_0},
    {GgmlType::q4_1, "Q4_1", 32, 20, ggml::q4_1},
    {GgmlType::q5_0, "Q5_0", 32, 22, ggml::q5_0},
    {GgmlType::q5_1, "Q5_1", 32, 24, ggml::q5_1},
    {GgmlType::q8_0, "Q8_0", 32, 34, ggml::q8_0},
    {GgmlType::q2_k, "Q2_K", 256, 84, ggml::q2_k},
    {GgmlType::q3_k, "Q3_K", 256, 110, ggml::q3_k},
    {GgmlType::q4_k, "Q4_K", 256, 144, ggml::q4_k},
    {GgmlType::q5_k, "Q5_K", 256, 176, ggml::q5_k},
    {GgmlType::q6_k, "Q6_K", 256, 210, ggml::q6_k},
    {GgmlType::iq4_nl, "IQ4_NL", 32, 18, ggml::iq4_nl},
}};

/// Known to ggml, but not to us: named in errors.
constexpr std::array<std::pair<std::uint32_t, const char*>, 19> unreadable{{
    {9, "Q8_1"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"},
    {19, "IQ1_S"}, {21, "IQ3_S"}, {22, "IQ2_S"},   {23, "IQ4_XS"}, {24, "I8"},
    {25, "I16"},   {26, "I32"},   {27, "I64"},     {28, "F64"},    {29, "IQ1_M"},
    {34, "TQ1_0"}, {35, "TQ2_0"}, {39, "MXFP4"},   {40, "NVFP4"},
}};

}  // namespace

const GgmlTypeInfo* find_ggml_type(std::uint32_t number) {
  const auto found = std::find_if(readable.begin(), readable.end(), [&](const auto& info) {
    return static_cast<std::uint32_t>(info.type) == number;
  });
  return found == readable.end() ? nullptr : &*found;
}

std::string ggml_type_name(std::uint32_t number) {
  if (const GgmlTypeInfo* info = find_ggml_type(number); info != nullptr) return info->name;
  for (const auto& [known, name] : unreadable) {
    if (known == number) return name;
  }
  return "type " + std::to_string(number);
}

void dequantize(const GgmlTypeInfo& type, ByteView blocks, std::span<float> out) {
  const std::size_t count = blocks.size() / type.block_bytes;
  HIPPOCRYPT_CHECK(count * type.block_bytes == blocks.size());
  HIPPOCRYPT_CHECK(count * type.block_values == out.size());
  type.dequantize(blocks.data(), count, out.data());
}

}  // namespace hippocrypt::model
