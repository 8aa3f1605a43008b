#include "model/files/gguf/gguf_tensors.hpp"

#include <algorithm>
#include <utility>

#include "model/files/gguf/gguf_metadata.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::uint32_t max_dimensions = 4;
constexpr std::uint64_t max_name_bytes = 255;

/// Bytes of a tensor whose fastest dimension is `columns`.
Result<std::uint64_t> size_of(const GgmlTypeInfo& type, std::uint64_t columns,
                              std::uint64_t values) {
  if (columns % type.block_values != 0) {
    return Error{Errc::malformed, "rows of " + std::to_string(columns) + " values are no whole " +
                                      type.name + " blocks of " +
                                      std::to_string(type.block_values)};
  }
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(values / type.block_values, std::uint64_t{type.block_bytes}, &bytes)) {
    return Error{Errc::malformed, "its size overflows"};
  }
  return bytes;
}

Result<GgufTensor> read_tensor(ByteReader& reader, std::uint64_t alignment) {
  GgufTensor out;
  HIPPOCRYPT_TRY(const auto dimensions, reader.read<std::uint32_t>());
  if (dimensions == 0 || dimensions > max_dimensions) {
    return Error{Errc::malformed, std::to_string(dimensions) + " dimensions; 1 to 4 are possible"};
  }
  std::uint64_t values = 1;
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    HIPPOCRYPT_TRY(const auto extent, reader.read<std::uint64_t>());
    if (extent == 0) return Error{Errc::malformed, "a dimension of 0"};
    if (__builtin_mul_overflow(values, extent, &values)) {
      return Error{Errc::malformed, "its dimensions overflow"};
    }
    out.shape.push_back(extent);
  }
  HIPPOCRYPT_TRY(out.type_number, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(out.offset, reader.read<std::uint64_t>());
  if (out.offset % alignment != 0) {
    return Error{Errc::malformed, "its offset " + std::to_string(out.offset) +
                                      " is no multiple of " + std::to_string(alignment)};
  }
  out.type = find_ggml_type(out.type_number);
  if (out.type != nullptr) {
    HIPPOCRYPT_TRY(out.size_bytes, size_of(*out.type, out.shape.front(), values));
  }
  std::reverse(out.shape.begin(), out.shape.end());
  return out;
}

}  // namespace

Result<GgufTensors> read_gguf_tensors(ByteReader& reader, std::uint64_t count,
                                      std::uint64_t alignment, const std::string& source) {
  if (count > max_gguf_entries) {
    return Error{Errc::limit_exceeded, source + ": " + std::to_string(count) +
                                           " tensors; at most " + std::to_string(max_gguf_entries)};
  }
  GgufTensors out;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto name = read_gguf_text(reader, max_name_bytes);
    if (!name.has_value()) {
      return Error{name.error().code,
                   source + ": tensor " + std::to_string(i) + ": " + name.error().detail};
    }
    auto tensor = read_tensor(reader, alignment);
    if (!tensor.has_value()) {
      return Error{tensor.error().code,
                   source + ": tensor " + printable(*name) + ": " + tensor.error().detail};
    }
    if (!out.emplace(*name, std::move(*tensor)).second) {
      return Error{Errc::malformed, source + ": tensor " + printable(*name) + " comes twice"};
    }
  }
  return out;
}

Status check_gguf_places(const GgufTensors& tensors, std::uint64_t data_bytes,
                         const std::string& source) {
  std::vector<const GgufTensors::value_type*> order;
  for (const auto& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::pair{a->second.offset, a->first} < std::pair{b->second.offset, b->first};
  });
  std::uint64_t covered = 0;
  for (const auto* entry : order) {
    const GgufTensor& tensor = entry->second;
    if (tensor.offset > data_bytes || tensor.size_bytes > data_bytes - tensor.offset) {
      return Error{Errc::malformed, source + ": tensor " + printable(entry->first) + " of " +
                                        std::to_string(tensor.size_bytes) + " bytes at " +
                                        std::to_string(tensor.offset) + " ends after the file's " +
                                        std::to_string(data_bytes) +
                                        " bytes of data; it may be cut off"};
    }
    if (tensor.offset < covered) {
      return Error{Errc::malformed,
                   source + ": tensor " + printable(entry->first) + " overlaps the one before it"};
    }
    covered = tensor.offset + tensor.size_bytes;
  }
  return {};
}

}  // namespace hippocrypt::model
