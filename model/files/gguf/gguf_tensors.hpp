#pragma once
// The table of a GGUF file's tensors, each checked to lie within the file. Internal to GgufFile.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/result.hpp"
#include "model/files/gguf/ggml_type.hpp"

namespace hippocrypt::model {

struct GgufTensor {
  std::uint32_t type_number = 0;
  const GgmlTypeInfo* type = nullptr;  ///< null: of a type that we cannot read
  std::vector<std::uint64_t> shape;    ///< rows first, unlike in the file: (out, in)
  std::uint64_t offset = 0;            ///< from the start of the tensors' data
  std::uint64_t size_bytes = 0;        ///< 0 when the type is not known to us
};

using GgufTensors = std::map<std::string, GgufTensor, std::less<>>;

/// Reads `count` entries. Errors: malformed (cut off, a name twice, no or more than four
/// dimensions, an empty one, sizes beyond 64 bits, rows that are no whole blocks, an offset that is
/// no multiple of `alignment`), limit_exceeded (more entries than max_gguf_entries, a long name).
Result<GgufTensors> read_gguf_tensors(ByteReader& reader, std::uint64_t count,
                                      std::uint64_t alignment, const std::string& source);

/// Errors: malformed (a tensor that ends after `data_bytes`, or overlaps another).
Status check_gguf_places(const GgufTensors& tensors, std::uint64_t data_bytes,
                         const std::string& source);

}  // namespace hippocrypt::model
