#include "model/files/gguf/gguf_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "model/numeric.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::string_view magic = "GGUF";
constexpr std::uint64_t default_alignment = 32;
constexpr std::uint64_t max_alignment = std::uint64_t{1} << 20;

struct Head {
  std::uint64_t tensors, pairs;
};

Result<Head> read_head(ByteReader& reader) {
  HIPPOCRYPT_TRY(const ByteView begin, reader.take(magic.size()));
  if (!same_bytes(begin, as_bytes(magic))) {
    return Error{Errc::malformed, "does not begin as a GGUF file does"};
  }
  HIPPOCRYPT_TRY(const auto version, reader.read<std::uint32_t>());
  if (version != 2 && version != 3) {
    // The version tells the byte order: a small number has its bits at the other end.
    const bool is_swapped = (version & 0xFFFFU) == 0 && version != 0;
    return Error{Errc::unsupported, is_swapped
                                        ? "a big-endian GGUF file; convert it to little-endian"
                                        : "GGUF version " + std::to_string(version) +
                                              "; versions 2 and 3 are supported"};
  }
  Head head{};
  HIPPOCRYPT_TRY(head.tensors, reader.read<std::uint64_t>());
  HIPPOCRYPT_TRY(head.pairs, reader.read<std::uint64_t>());
  return head;
}

Result<std::uint64_t> read_alignment(const GgufMetadata& metadata) {
  constexpr const char* key = "general.alignment";
  HIPPOCRYPT_TRY(const auto alignment, metadata.unsigned_or(key, default_alignment));
  const bool is_power_of_two = alignment != 0 && (alignment & (alignment - 1)) == 0;
  if (is_power_of_two && alignment <= max_alignment) return alignment;
  return metadata.wrong(key, "a power of two, at most " + std::to_string(max_alignment));
}

Error named(const std::string& source, const Error& error) {
  return Error{error.code, source + ": " + error.detail};
}

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string out = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return out + ")";
}

}  // namespace

bool is_gguf_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::array<char, magic.size()> begin{};
  return file.read(begin.data(), begin.size()) && std::string_view{begin.data(), 4} == magic;
}

Result<GgufFile> GgufFile::open(const std::filesystem::path& path, std::uint64_t limit_bytes) {
  HIPPOCRYPT_TRY(SharedBytes bytes, map_file(path, limit_bytes));
  return parse(std::move(bytes), path.string());
}

Result<GgufFile> GgufFile::parse(SharedBytes bytes, std::string source) {
  GgufFile out;
  out.bytes_ = std::move(bytes);
  out.source_ = std::move(source);
  ByteReader reader{*out.bytes_};
  const auto head = read_head(reader);
  if (!head.has_value()) return named(out.source_, head.error());
  HIPPOCRYPT_TRY(out.metadata_, GgufMetadata::read(reader, head->pairs, out.source_));
  HIPPOCRYPT_TRY(const std::uint64_t alignment, read_alignment(out.metadata_));
  HIPPOCRYPT_TRY(out.tensors_, read_gguf_tensors(reader, head->tensors, alignment, out.source_));
  if (out.tensors_.empty()) return out;  // a vocabulary alone; nothing has to follow
  const std::uint64_t file_bytes = out.bytes_->size();
  const std::uint64_t head_bytes = file_bytes - reader.left();
  out.data_begin_ = (head_bytes + alignment - 1) / alignment * alignment;
  const std::uint64_t data_bytes = file_bytes - std::min(file_bytes, out.data_begin_);
  HIPPOCRYPT_TRY_VOID(check_gguf_places(out.tensors_, data_bytes, out.source_));
  return out;
}

Result<const GgufTensor*> GgufFile::expect(std::string_view name,
                                           std::span<const std::uint64_t> shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    return Error{Errc::not_found, source_ + ": there is no tensor " + std::string{name}};
  }
  const GgufTensor& tensor = found->second;
  if (!std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end())) {
    return Error{Errc::mismatch, source_ + ": tensor " + std::string{name} + " has shape " +
                                     shape_text(tensor.shape) + "; " + shape_text(shape) +
                                     " is needed"};
  }
  if (tensor.type == nullptr) {
    return Error{Errc::unsupported, source_ + ": tensor " + std::string{name} + " is " +
                                        ggml_type_name(tensor.type_number) +
                                        ", which is not supported"};
  }
  return &tensor;
}

Status GgufFile::read_rows(const GgufTensors::value_type& tensor, std::uint64_t row,
                           std::span<float> out) const {
  const GgufTensor& info = tensor.second;
  HIPPOCRYPT_CHECK(info.type != nullptr, tensor.first);
  const std::uint64_t columns = info.shape.back();
  HIPPOCRYPT_CHECK(out.size() % columns == 0, tensor.first);
  const std::uint64_t row_bytes = columns / info.type->block_values * info.type->block_bytes;
  const std::uint64_t begin = row * row_bytes;
  const std::uint64_t size = out.size() / columns * row_bytes;
  HIPPOCRYPT_CHECK(begin <= info.size_bytes && size <= info.size_bytes - begin, tensor.first);
  dequantize(*info.type, bytes_->subspan(data_begin_ + info.offset + begin, size), out);
  if (all_finite(ConstMatrixView{out.data(), 1, out.size()})) return {};
  return Error{Errc::not_finite,
               source_ + ": tensor " + printable(tensor.first) + " holds NaN or infinity"};
}

}  // namespace hippocrypt::model
