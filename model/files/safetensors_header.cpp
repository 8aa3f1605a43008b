#include "model/files/safetensors_header.hpp"

#include <algorithm>
#include <array>

#include "model/files/json.hpp"

namespace hippocrypt::model {
namespace {

constexpr const char* metadata_key = "__metadata__";
/// No model has tensors of more dimensions.
constexpr std::size_t max_dimensions = 8;

struct DtypeSize {
  std::string_view name;
  std::uint64_t bytes;
  TensorDtype dtype;
};

constexpr std::array<DtypeSize, 15> dtype_sizes{{
    {"F32", 4, TensorDtype::f32},
    {"F16", 2, TensorDtype::f16},
    {"BF16", 2, TensorDtype::bf16},
    {"BOOL", 1, TensorDtype::other},
    {"U8", 1, TensorDtype::other},
    {"I8", 1, TensorDtype::other},
    {"F8_E5M2", 1, TensorDtype::other},
    {"F8_E4M3", 1, TensorDtype::other},
    {"I16", 2, TensorDtype::other},
    {"U16", 2, TensorDtype::other},
    {"I32", 4, TensorDtype::other},
    {"U32", 4, TensorDtype::other},
    {"F64", 8, TensorDtype::other},
    {"I64", 8, TensorDtype::other},
    {"U64", 8, TensorDtype::other},
}};

Result<std::vector<std::uint64_t>> unsigned_list(const JsonObject& object, const std::string& key,
                                                 std::size_t limit) {
  HIPPOCRYPT_TRY(const Json* list, object.require(key));
  if (!list->is_array() || list->size() > limit) {
    return object.wrong(key, "a list of at most " + std::to_string(limit) + " whole numbers");
  }
  std::vector<std::uint64_t> out;
  for (const Json& item : *list) {
    if (!item.is_number_unsigned()) return object.wrong(key, "whole numbers, not negative");
    out.push_back(item.get<std::uint64_t>());
  }
  return out;
}

/// Bytes of a tensor of `shape`. Errors: malformed (does not fit 64 bits).
Result<std::uint64_t> tensor_bytes(std::span<const std::uint64_t> shape, std::uint64_t value_bytes,
                                   const std::string& source) {
  std::uint64_t bytes = value_bytes;
  for (const std::uint64_t extent : shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) {
      return Error{Errc::malformed, source + ": the shape " + shape_text(shape) + " overflows"};
    }
  }
  return bytes;
}

Result<TensorInfo> parse_tensor(const JsonObject& entry) {
  TensorInfo tensor;
  HIPPOCRYPT_TRY(tensor.dtype_name, entry.text("dtype"));
  const auto size = std::find_if(dtype_sizes.begin(), dtype_sizes.end(), [&](const auto& known) {
    return known.name == tensor.dtype_name;
  });
  if (size == dtype_sizes.end()) {
    return Error{Errc::unsupported,
                 entry.source() + ": dtype " + shortened(tensor.dtype_name) + " is not known"};
  }
  tensor.dtype = size->dtype;
  HIPPOCRYPT_TRY(tensor.shape, unsigned_list(entry, "shape", max_dimensions));
  HIPPOCRYPT_TRY(const auto place, unsigned_list(entry, "data_offsets", 2));
  if (place.size() != 2 || place[0] > place[1]) {
    return entry.wrong("data_offsets", "a begin and an end not before it");
  }
  tensor.begin = place[0];
  tensor.end = place[1];
  HIPPOCRYPT_TRY(const std::uint64_t bytes,
                 tensor_bytes(tensor.shape, size->bytes, entry.source()));
  if (bytes != tensor.end - tensor.begin) {
    return Error{Errc::malformed, entry.source() + ": shape " + shape_text(tensor.shape) + " of " +
                                      tensor.dtype_name + " needs " + std::to_string(bytes) +
                                      " bytes but its place has " +
                                      std::to_string(tensor.end - tensor.begin)};
  }
  return tensor;
}

/// Every byte of the data belongs to exactly one tensor, as the format asks.
Status check_cover(const std::map<std::string, TensorInfo>& tensors, std::uint64_t data_bytes,
                   const std::string& source) {
  std::vector<const std::pair<const std::string, TensorInfo>*> order;
  for (const auto& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return std::pair{a->second.begin, a->second.end} < std::pair{b->second.begin, b->second.end};
  });
  std::uint64_t covered = 0;
  for (const auto* tensor : order) {
    if (tensor->second.begin != covered) {
      const char* what = tensor->second.begin < covered ? " overlaps the one before it"
                                                        : " leaves a hole before it";
      return Error{Errc::malformed, source + ": tensor " + tensor->first + what};
    }
    covered = tensor->second.end;
  }
  if (covered != data_bytes) {
    return Error{Errc::malformed, source + ": the tensors take " + std::to_string(covered) +
                                      " bytes but the file has " + std::to_string(data_bytes) +
                                      "; it may be cut off"};
  }
  return {};
}

Result<std::map<std::string, std::string>> parse_metadata(const Json& value,
                                                          const std::string& source) {
  HIPPOCRYPT_TRY(const JsonObject object, JsonObject::of(value, source + ": " + metadata_key));
  std::map<std::string, std::string> out;
  for (const auto& [key, item] : object.json().items()) {
    if (!item.is_string()) return object.wrong(key, "text");
    out.emplace(key, item.get<std::string>());
  }
  return out;
}

}  // namespace

Result<SafetensorsHeader> parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                                   const std::string& source) {
  HIPPOCRYPT_TRY(const Json json, parse_json(text, source));
  HIPPOCRYPT_TRY(const JsonObject object, JsonObject::of(json, source + ": the header"));
  SafetensorsHeader header;
  for (const auto& [name, value] : object.json().items()) {
    if (name == metadata_key) {
      HIPPOCRYPT_TRY(header.metadata, parse_metadata(value, source));
      continue;
    }
    if (name.size() > max_tensor_name_bytes) {
      return Error{Errc::limit_exceeded, source + ": tensor " + shortened(name) +
                                             " has a name of " + std::to_string(name.size()) +
                                             " bytes; at most " +
                                             std::to_string(max_tensor_name_bytes)};
    }
    HIPPOCRYPT_TRY(const JsonObject entry, JsonObject::of(value, source + ": tensor " + name));
    HIPPOCRYPT_TRY(TensorInfo tensor, parse_tensor(entry));
    header.tensors.emplace(name, std::move(tensor));
  }
  HIPPOCRYPT_TRY_VOID(check_cover(header.tensors, data_bytes, source));
  return header;
}

std::string render_safetensors_header(std::span<const NamedTensor> tensors, TensorDtype dtype) {
  const auto known = std::find_if(dtype_sizes.begin(), dtype_sizes.end(),
                                  [dtype](const auto& size) { return size.dtype == dtype; });
  const std::string dtype_name{known->name};
  Json header = Json::object();
  header[metadata_key] = {{"format", "pt"}};
  std::uint64_t at = 0;
  for (const NamedTensor& tensor : tensors) {
    std::uint64_t values = 1;
    for (const std::uint64_t extent : tensor.shape) values *= extent;
    HIPPOCRYPT_CHECK(values == tensor.values.size(), tensor.name);
    HIPPOCRYPT_CHECK(!header.contains(tensor.name), tensor.name);
    const std::uint64_t end = at + values * value_bytes(dtype);
    header[tensor.name] = {
        {"dtype", dtype_name}, {"shape", tensor.shape}, {"data_offsets", Json::array({at, end})}};
    at = end;
  }
  std::string text = json_text(header, JsonLayout::compact);
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace hippocrypt::model
