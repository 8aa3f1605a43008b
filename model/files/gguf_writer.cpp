#include "model/files/gguf_writer.hpp"

#include <bit>

#include "base/file.hpp"
#include "model/files/tensor_values.hpp"

namespace hippocrypt::model {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

constexpr std::uint32_t version = 3;
constexpr std::uint64_t alignment = 32;  // the default, which needs no general.alignment
// gguf_metadata_value_type
constexpr std::uint32_t type_u32 = 4;
constexpr std::uint32_t type_f32 = 6;
constexpr std::uint32_t type_text = 8;
// ggml_type
constexpr std::uint32_t tensor_f32 = 0;
constexpr std::uint32_t tensor_f16 = 1;

template <class T>
void put(Bytes& out, T value) {
  const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
  out.insert(out.end(), raw, raw + sizeof(T));
}

void put_text(Bytes& out, std::string_view text) {
  put(out, std::uint64_t{text.size()});
  out.insert(out.end(), text.begin(), text.end());
}

std::uint64_t aligned(std::uint64_t size) { return (size + alignment - 1) / alignment * alignment; }

}  // namespace

void GgufWriter::add_text(std::string_view key, std::string_view value) {
  ++pair_count_;
  put_text(pairs_, key);
  put(pairs_, type_text);
  put_text(pairs_, value);
}

void GgufWriter::add_u32(std::string_view key, std::uint32_t value) {
  ++pair_count_;
  put_text(pairs_, key);
  put(pairs_, type_u32);
  put(pairs_, value);
}

void GgufWriter::add_f32(std::string_view key, float value) {
  ++pair_count_;
  put_text(pairs_, key);
  put(pairs_, type_f32);
  put(pairs_, value);
}

void GgufWriter::add_matrix(std::string name, ConstMatrixView values, TensorDtype dtype) {
  HIPPOCRYPT_CHECK(dtype == TensorDtype::f32 || dtype == TensorDtype::f16);
  HIPPOCRYPT_CHECK(values.stride() == values.cols());
  const std::uint64_t offset =
      tensors_.empty() ? 0 : aligned(tensors_.back().offset + tensors_.back().size_bytes);
  const std::uint64_t size_bytes = values.rows() * values.cols() * value_bytes(dtype);
  tensors_.push_back({std::move(name), values, dtype, offset, size_bytes});
}

Bytes GgufWriter::header() const {
  Bytes out;
  for (const char c : {'G', 'G', 'U', 'F'}) put(out, c);
  put(out, version);
  put(out, std::uint64_t{tensors_.size()});
  put(out, pair_count_);
  out.insert(out.end(), pairs_.begin(), pairs_.end());
  for (const Tensor& tensor : tensors_) {
    put_text(out, tensor.name);
    put(out, std::uint32_t{2});
    put(out, std::uint64_t{tensor.values.cols()});
    put(out, std::uint64_t{tensor.values.rows()});
    put(out, tensor.dtype == TensorDtype::f32 ? tensor_f32 : tensor_f16);
    put(out, tensor.offset);
  }
  out.resize(aligned(out.size()));
  return out;
}

Status GgufWriter::write(const std::filesystem::path& path) const {
  HIPPOCRYPT_TRY(AtomicFile file, AtomicFile::create(path));
  HIPPOCRYPT_TRY_VOID(file.append(header()));
  for (const Tensor& tensor : tensors_) {
    const std::span<const float> values{tensor.values.data(),
                                        tensor.values.rows() * tensor.values.cols()};
    HIPPOCRYPT_TRY_VOID(append_values(file, {path.string(), tensor.name}, values, tensor.dtype));
    HIPPOCRYPT_TRY_VOID(file.append(Bytes(aligned(tensor.size_bytes) - tensor.size_bytes)));
  }
  return file.commit();
}

}  // namespace hippocrypt::model
