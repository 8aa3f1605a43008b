#include "model/files/safetensors.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/file.hpp"
#include "model/files/half.hpp"
#include "model/files/safetensors_header.hpp"
#include "model/files/tensor_values.hpp"

namespace hippocrypt::model {
namespace {

/// Values are converted in pieces of this many, so that memory holds only the result.
constexpr std::size_t values_per_chunk = std::size_t{1} << 16;

Status check_plain_file(const std::filesystem::path& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (status.type() == std::filesystem::file_type::not_found) {
    return Error{Errc::not_found, path.string() + ": does not exist"};
  }
  if (status.type() != std::filesystem::file_type::regular) {
    return Error{Errc::io, path.string() + ": is not a plain file"};
  }
  return {};
}

/// The header's length from the file's first eight bytes, checked against the file.
Result<std::size_t> read_header_size(std::ifstream& file, std::uint64_t file_bytes,
                                     const std::string& source) {
  std::uint64_t header_bytes = 0;
  if (file_bytes < sizeof(header_bytes)) {
    return Error{Errc::malformed, source + ": shorter than the 8 bytes of a header length"};
  }
  std::array<char, sizeof(header_bytes)> raw{};
  if (!file.read(raw.data(), raw.size())) return Error{Errc::io, source + ": cannot read"};
  std::memcpy(&header_bytes, raw.data(), raw.size());
  if (header_bytes > file_bytes - sizeof(header_bytes)) {
    return Error{Errc::malformed, source + ": the header is said to be " +
                                      std::to_string(header_bytes) + " bytes but the file has " +
                                      std::to_string(file_bytes)};
  }
  if (header_bytes > max_safetensors_header_bytes) {
    return Error{Errc::limit_exceeded, source + ": a header of " + std::to_string(header_bytes) +
                                           " bytes; at most " +
                                           std::to_string(max_safetensors_header_bytes)};
  }
  return static_cast<std::size_t>(header_bytes);
}

void widen(TensorDtype dtype, std::span<const std::uint16_t> in, std::span<float> out) {
  const auto convert = dtype == TensorDtype::f16 ? half_to_float : bfloat16_to_float;
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = convert(in[i]);
}

}  // namespace

std::size_t value_bytes(TensorDtype dtype) {
  HIPPOCRYPT_CHECK(dtype != TensorDtype::other);
  return dtype == TensorDtype::f32 ? 4 : 2;
}

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + ")";
}

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path,
                                              std::uint64_t limit_bytes) {
  HIPPOCRYPT_TRY_VOID(check_plain_file(path));
  SafetensorsFile out;
  out.source_ = path.string();
  std::error_code failure;
  const std::uint64_t file_bytes = std::filesystem::file_size(path, failure);
  if (failure) return Error{Errc::io, out.source_ + ": " + failure.message()};
  if (file_bytes > limit_bytes) {
    return Error{Errc::limit_exceeded, out.source_ + ": " + std::to_string(file_bytes) +
                                           " bytes; at most " + std::to_string(limit_bytes)};
  }
  out.file_.open(path, std::ios::binary);
  if (!out.file_) return Error{Errc::io, out.source_ + ": cannot open"};
  HIPPOCRYPT_TRY(const std::size_t header_bytes,
                 read_header_size(out.file_, file_bytes, out.source_));
  std::string text(header_bytes, '\0');
  if (!out.file_.read(text.data(), static_cast<std::streamsize>(header_bytes))) {
    return Error{Errc::io, out.source_ + ": cannot read"};
  }
  out.data_begin_ = sizeof(std::uint64_t) + header_bytes;
  HIPPOCRYPT_TRY(SafetensorsHeader header,
                 parse_safetensors_header(text, file_bytes - out.data_begin_, out.source_));
  out.tensors_ = std::move(header.tensors);
  out.metadata_ = std::move(header.metadata);
  return out;
}

Result<const TensorInfo*> SafetensorsFile::info(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    return Error{Errc::not_found, source_ + ": there is no tensor " + name};
  }
  return &found->second;
}

Status SafetensorsFile::expect(const std::string& name,
                               std::span<const std::uint64_t> shape) const {
  HIPPOCRYPT_TRY(const TensorInfo* tensor, info(name));
  if (!std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end())) {
    return Error{Errc::mismatch, source_ + ": tensor " + name + " has shape " +
                                     shape_text(tensor->shape) + "; " + shape_text(shape) +
                                     " is needed"};
  }
  return {};
}

Status SafetensorsFile::read_into(const std::string& name, std::span<float> out) {
  HIPPOCRYPT_TRY(const TensorInfo* tensor, info(name));
  if (tensor->dtype == TensorDtype::other) {
    return Error{Errc::unsupported, source_ + ": tensor " + name + " is " + tensor->dtype_name +
                                        "; F32, F16 or BF16 is needed"};
  }
  const std::size_t bytes_each = value_bytes(tensor->dtype);
  const std::uint64_t count = (tensor->end - tensor->begin) / bytes_each;
  if (count != out.size()) {
    return Error{Errc::mismatch, source_ + ": tensor " + name + " has " + std::to_string(count) +
                                     " values; " + std::to_string(out.size()) + " are needed"};
  }
  file_.clear();
  file_.seekg(static_cast<std::streamoff>(data_begin_ + tensor->begin));
  std::vector<std::uint16_t> narrow;
  for (std::size_t at = 0; at < out.size(); at += values_per_chunk) {
    const auto chunk = out.subspan(at, std::min(values_per_chunk, out.size() - at));
    const auto chunk_bytes = static_cast<std::streamsize>(chunk.size() * bytes_each);
    if (tensor->dtype == TensorDtype::f32) {
      file_.read(reinterpret_cast<char*>(chunk.data()), chunk_bytes);
    } else {
      narrow.resize(chunk.size());
      file_.read(reinterpret_cast<char*>(narrow.data()), chunk_bytes);
      widen(tensor->dtype, narrow, chunk);
    }
    if (!file_) return Error{Errc::io, source_ + ": cannot read tensor " + name};
    HIPPOCRYPT_TRY_VOID(check_finite({source_, name}, chunk, at));
  }
  return {};
}

Result<Matrix> SafetensorsFile::read_matrix(const std::string& name) {
  HIPPOCRYPT_TRY(const TensorInfo* tensor, info(name));
  if (tensor->shape.size() != 2) {
    return Error{Errc::mismatch, source_ + ": tensor " + name + " has shape " +
                                     shape_text(tensor->shape) + "; two dimensions are needed"};
  }
  Matrix out(static_cast<std::size_t>(tensor->shape[0]),
             static_cast<std::size_t>(tensor->shape[1]));
  HIPPOCRYPT_TRY_VOID(read_into(name, out.values()));
  return out;
}

Status write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                         TensorDtype dtype) {
  std::sort(tensors.begin(), tensors.end(),
            [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
  for (const NamedTensor& tensor : tensors) {
    HIPPOCRYPT_TRY_VOID(check_finite({path.string(), tensor.name}, tensor.values));
  }
  HIPPOCRYPT_TRY(AtomicFile file, AtomicFile::create(path));
  const std::string header = render_safetensors_header(tensors, dtype);
  const std::uint64_t header_bytes = header.size();
  const ByteView length{reinterpret_cast<const std::uint8_t*>(&header_bytes), sizeof(header_bytes)};
  HIPPOCRYPT_TRY_VOID(file.append(length));
  HIPPOCRYPT_TRY_VOID(file.append(as_bytes(header)));
  for (const NamedTensor& tensor : tensors) {
    HIPPOCRYPT_TRY_VOID(append_values(file, {path.string(), tensor.name}, tensor.values, dtype));
  }
  return file.commit();
}

}  // namespace hippocrypt::model
