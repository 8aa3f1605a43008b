#pragma once
// safetensors files: an 8-byte header length, a JSON header (name → dtype, shape, place), then the
// values. Format: the README of huggingface/safetensors; like its own reader we ask that the
// tensors cover the data without overlap or hole. Nothing is read past what the header was checked
// for, and memory stays within the header's limit plus the values asked for.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/matrix.hpp"
#include "base/result.hpp"

namespace hippocrypt::model {

/// A header of 1.5 MiB describes about 10,000 tensors; while it is read it takes up to 40 times
/// that.
inline constexpr std::size_t max_safetensors_header_bytes = std::size_t{3} << 19;
inline constexpr std::size_t max_tensor_name_bytes = 512;
/// The largest file that we open unless the caller says otherwise (64 GiB).
inline constexpr std::uint64_t default_safetensors_limit_bytes = std::uint64_t{64} << 30;

/// How values are stored. `other` can be listed but not read as floats (integers, doubles).
enum class TensorDtype { f32, f16, bf16, other };

/// Bytes of one value; `dtype` must not be other.
std::size_t value_bytes(TensorDtype dtype);

/// One tensor of a file; begin and end count bytes from the start of the data.
struct TensorInfo {
  TensorDtype dtype = TensorDtype::other;
  std::string dtype_name;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0, end = 0;
};

/// "(8, 576)"
std::string shape_text(std::span<const std::uint64_t> shape);

/// An open file whose header has been checked. Not to be shared between threads: reading moves
/// the file position.
class SafetensorsFile {
 public:
  /// Errors: not_found, io (not a plain file, cannot read), limit_exceeded (file larger than
  /// `limit_bytes`, header larger than max_safetensors_header_bytes, JSON too deep), malformed
  /// (header, shapes or places wrong), unsupported (a dtype that we do not know the size of).
  static Result<SafetensorsFile> open(const std::filesystem::path& path,
                                      std::uint64_t limit_bytes = default_safetensors_limit_bytes);

  const std::map<std::string, TensorInfo>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::string& source() const { return source_; }
  bool contains(const std::string& name) const { return tensors_.count(name) != 0; }

  /// Whether `name` is there with this shape, nothing read yet. Errors: not_found, mismatch.
  Status expect(const std::string& name, std::span<const std::uint64_t> shape) const;
  /// Reads the tensor `name`, which must have out.size() values, row-major, as floats. Errors:
  /// not_found, mismatch (count), unsupported (dtype), not_finite (names the tensor), io.
  Status read_into(const std::string& name, std::span<float> out);
  /// The tensor of two dimensions `name`, (rows, cols) as the file says. Errors: as read_into, and
  /// mismatch when it has another number of dimensions.
  Result<Matrix> read_matrix(const std::string& name);

 private:
  SafetensorsFile() = default;
  Result<const TensorInfo*> info(const std::string& name) const;

  std::ifstream file_;
  std::string source_;
  std::uint64_t data_begin_ = 0;
  std::map<std::string, TensorInfo> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// A tensor to write; the values must outlive the call.
struct NamedTensor {
  std::string name;
  std::vector<std::uint64_t> shape;
  std::span<const float> values;
};

/// Writes the tensors as `dtype` (not other), rounded to the nearest where it is narrower, ordered
/// by name whatever the order given, with the metadata that PyTorch's readers look for ("format":
/// "pt"); atomically, in pieces. Names must be distinct and UTF-8 and the shapes must match the
/// values. Errors: not_finite (names the tensor), out_of_range (a value that does not fit F16;
/// names the tensor), io.
Status write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                         TensorDtype dtype = TensorDtype::f32);

}  // namespace hippocrypt::model
