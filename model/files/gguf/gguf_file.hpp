#pragma once
// A GGUF file: metadata and tensors, mapped into memory. Versions 2 and 3, little-endian. Every
// offset, length and count is checked against the file before it is used. Format: ggml's
// docs/gguf.md.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/shared_bytes.hpp"
#include "model/files/gguf/gguf_metadata.hpp"
#include "model/files/gguf/gguf_tensors.hpp"

namespace hippocrypt::model {

/// A model of 70 billion parameters in F16 is 140 GB.
inline constexpr std::uint64_t default_gguf_limit_bytes = std::uint64_t{256} << 30;

/// Whether the file begins as a GGUF file does; false when it cannot be read.
bool is_gguf_file(const std::filesystem::path& path);

class GgufFile {
 public:
  /// Maps the file and checks its head. Memory: the tables of metadata and tensors, below the
  /// file's size plus 32 MiB. Errors: those of map_file, malformed, limit_exceeded (more than
  /// max_gguf_entries pairs or tensors, a long name), unsupported (version 1, big-endian files,
  /// lists of lists).
  static Result<GgufFile> open(const std::filesystem::path& path,
                               std::uint64_t limit_bytes = default_gguf_limit_bytes);
  /// The same of bytes that are in memory; `source` names them in errors.
  static Result<GgufFile> parse(SharedBytes bytes, std::string source);

  const GgufMetadata& metadata() const { return metadata_; }
  const GgufTensors& tensors() const { return tensors_; }
  const std::string& source() const { return source_; }
  std::uint64_t file_bytes() const { return bytes_->size(); }

  /// The tensor must be there, have this shape (rows first) and a type that we read. Errors:
  /// not_found, mismatch, unsupported.
  Result<const GgufTensor*> expect(std::string_view name,
                                   std::span<const std::uint64_t> shape) const;

  /// Values of the rows [row, row + out.size() / columns) of one of this file's tensors, whose type
  /// must be readable. Errors: not_finite (names the tensor).
  Status read_rows(const GgufTensors::value_type& tensor, std::uint64_t row,
                   std::span<float> out) const;

 private:
  GgufFile() = default;

  SharedBytes bytes_;
  std::string source_;
  std::uint64_t data_begin_ = 0;
  GgufMetadata metadata_;  ///< views of bytes_
  GgufTensors tensors_;
};

}  // namespace hippocrypt::model
