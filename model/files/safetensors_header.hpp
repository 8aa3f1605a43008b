#pragma once
// The JSON header of a safetensors file. Used by safetensors.cpp alone.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/files/safetensors.hpp"

namespace hippocrypt::model {

struct SafetensorsHeader {
  std::map<std::string, TensorInfo> tensors;
  std::map<std::string, std::string> metadata;
};

/// Checks every dtype, shape and place; the tensors must cover [0, data_bytes) exactly. `source`
/// names the file in errors. Errors: malformed, unsupported (dtype of unknown size),
/// limit_exceeded (JSON too deep).
Result<SafetensorsHeader> parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                                   const std::string& source);

/// The header of tensors stored as `dtype`, laid out in the order given, which must be ordered by
/// name and without repeats; padded with spaces so that the values start at a multiple of eight
/// bytes.
std::string render_safetensors_header(std::span<const NamedTensor> tensors, TensorDtype dtype);

}  // namespace hippocrypt::model
