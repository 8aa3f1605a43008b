#pragma once
// Writes GGUF files, the format of llama.cpp: little-endian, version 3, metadata as typed key-value
// pairs, then the tensors' places, then their values at multiples of 32 bytes. Format: ggml's
// docs/gguf.md.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "model/files/safetensors.hpp"

namespace hippocrypt::model {

/// Collects a file's parts, then writes them. Keys and names must be distinct.
class GgufWriter {
 public:
  void add_text(std::string_view key, std::string_view value);
  void add_u32(std::string_view key, std::uint32_t value);
  void add_f32(std::string_view key, float value);
  /// A matrix (rows, cols), row-major; GGUF counts dimensions from the fastest, so the file says
  /// (cols, rows). The values must outlive write(). `dtype` is f32 or f16.
  void add_matrix(std::string name, ConstMatrixView values, TensorDtype dtype);

  /// Writes the file atomically, in pieces. Errors: not_finite (names the tensor), out_of_range (a
  /// value that does not fit F16; names the tensor), io.
  Status write(const std::filesystem::path& path) const;

 private:
  struct Tensor {
    std::string name;
    ConstMatrixView values;
    TensorDtype dtype;
    std::uint64_t offset;  ///< from the start of the values
    std::uint64_t size_bytes;
  };
  Bytes header() const;

  std::uint64_t pair_count_ = 0;
  Bytes pairs_;  ///< as they are in the file
  std::vector<Tensor> tensors_;
};

}  // namespace hippocrypt::model
