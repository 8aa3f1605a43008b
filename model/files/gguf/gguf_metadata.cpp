#include "model/files/gguf/gguf_metadata.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

namespace hippocrypt::model {
namespace {

constexpr std::size_t max_printed = 80;

/// Bytes of a value of a fixed size; 0 for texts, lists and what is no type.
std::size_t fixed_size(GgufType type) {
  switch (type) {
    case GgufType::u8:
    case GgufType::i8:
    case GgufType::boolean:
      return 1;
    case GgufType::u16:
    case GgufType::i16:
      return 2;
    case GgufType::u32:
    case GgufType::i32:
    case GgufType::f32:
      return 4;
    case GgufType::u64:
    case GgufType::i64:
    case GgufType::f64:
      return 8;
    case GgufType::text:
    case GgufType::list:
      return 0;
  }
  return 0;
}

Result<GgufType> read_type(ByteReader& reader) {
  HIPPOCRYPT_TRY(const auto number, reader.read<std::uint32_t>());
  if (number <= static_cast<std::uint32_t>(GgufType::f64)) return static_cast<GgufType>(number);
  return Error{Errc::malformed, "there is no value type " + std::to_string(number)};
}

/// The bytes of `count` values of `type`, which is no list.
Result<ByteView> take_values(ByteReader& reader, GgufType type, std::uint64_t count) {
  if (const std::size_t size = fixed_size(type); size != 0) {
    // Divided, as the product of a lying count may not fit 64 bits.
    if (count > reader.left() / size) {
      return Error{Errc::malformed, "truncated: " + std::to_string(count) + " values of " +
                                        std::to_string(size) + " bytes wanted, " +
                                        std::to_string(reader.left()) + " bytes left"};
    }
    return reader.take(static_cast<std::size_t>(count) * size);
  }
  ByteReader walker = reader;
  for (std::uint64_t i = 0; i < count; ++i) {
    HIPPOCRYPT_TRY_VOID(read_gguf_text(walker, std::numeric_limits<std::uint64_t>::max()));
  }
  return reader.take(reader.left() - walker.left());
}

Result<GgufValue> read_value(ByteReader& reader) {
  HIPPOCRYPT_TRY(const GgufType type, read_type(reader));
  GgufValue value{type, type, 1, {}};
  if (type == GgufType::list) {
    HIPPOCRYPT_TRY(value.element, read_type(reader));
    if (value.element == GgufType::list) {
      return Error{Errc::unsupported, "lists of lists are not supported"};
    }
    HIPPOCRYPT_TRY(value.count, reader.read<std::uint64_t>());
  }
  HIPPOCRYPT_TRY(value.bytes, take_values(reader, value.element, value.count));
  return value;
}

template <class T>
T load(const std::uint8_t* at) {
  T out{};
  std::memcpy(&out, at, sizeof(T));
  return out;
}

bool is_integer(GgufType type) {
  return fixed_size(type) != 0 && type != GgufType::f32 && type != GgufType::f64 &&
         type != GgufType::boolean;
}

/// A value of an integer type other than u64, which an int64 may not hold.
std::int64_t load_integer(GgufType type, const std::uint8_t* at) {
  switch (type) {
    case GgufType::u8:
      return load<std::uint8_t>(at);
    case GgufType::i8:
      return load<std::int8_t>(at);
    case GgufType::u16:
      return load<std::uint16_t>(at);
    case GgufType::i16:
      return load<std::int16_t>(at);
    case GgufType::u32:
      return load<std::uint32_t>(at);
    case GgufType::i32:
      return load<std::int32_t>(at);
    case GgufType::i64:
      return load<std::int64_t>(at);
    case GgufType::u64:
    case GgufType::f32:
    case GgufType::f64:
    case GgufType::boolean:
    case GgufType::text:
    case GgufType::list:
      break;
  }
  check_failed(__FILE__, __LINE__, "integer type");
}

double shortest_decimal(float value) {
  std::array<char, 64> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  double out = static_cast<double>(value);  // kept for NaN and infinity
  std::from_chars(text.data(), written.ptr, out);
  return out;
}

}  // namespace

std::string printable(std::string_view raw) {
  std::string out{raw.substr(0, max_printed)};
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return raw.size() > max_printed ? out + "..." : out;
}

Result<std::string_view> read_gguf_text(ByteReader& reader, std::uint64_t limit_bytes) {
  HIPPOCRYPT_TRY(const auto size, reader.read<std::uint64_t>());
  if (size > reader.left()) {
    return Error{Errc::malformed, "truncated: a text of " + std::to_string(size) + " bytes, " +
                                      std::to_string(reader.left()) + " left"};
  }
  if (size > limit_bytes) {
    return Error{Errc::limit_exceeded, "a name of " + std::to_string(size) + " bytes; at most " +
                                           std::to_string(limit_bytes)};
  }
  HIPPOCRYPT_TRY(const ByteView raw, reader.take(static_cast<std::size_t>(size)));
  return std::string_view{reinterpret_cast<const char*>(raw.data()), raw.size()};
}

Result<GgufMetadata> GgufMetadata::read(ByteReader& reader, std::uint64_t count,
                                        std::string source) {
  GgufMetadata out;
  out.source_ = std::move(source);
  if (count > max_gguf_entries) {
    return Error{Errc::limit_exceeded, out.source_ + ": " + std::to_string(count) +
                                           " metadata pairs; at most " +
                                           std::to_string(max_gguf_entries)};
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto key = read_gguf_text(reader, max_gguf_key_bytes);
    if (!key.has_value()) {
      return Error{key.error().code, out.source_ + ": metadata pair " + std::to_string(i) + ": " +
                                         key.error().detail};
    }
    auto value = read_value(reader);
    if (!value.has_value()) {
      return Error{value.error().code,
                   out.source_ + ": metadata " + printable(*key) + ": " + value.error().detail};
    }
    if (!out.values_.emplace(*key, *value).second) {
      return Error{Errc::malformed, out.source_ + ": metadata " + printable(*key) + " comes twice"};
    }
  }
  return out;
}

bool GgufMetadata::is_list(std::string_view key) const {
  const auto found = values_.find(key);
  return found != values_.end() && found->second.type == GgufType::list;
}

Error GgufMetadata::wrong(std::string_view key, std::string_view wanted) const {
  return Error{Errc::malformed,
               source_ + ": metadata " + printable(key) + " must be " + std::string{wanted}};
}

Result<const GgufValue*> GgufMetadata::require(std::string_view key) const {
  const auto found = values_.find(key);
  if (found != values_.end()) return &found->second;
  return Error{Errc::malformed, source_ + ": metadata " + printable(key) + " is missing"};
}

Result<const GgufValue*> GgufMetadata::require_list(std::string_view key, std::size_t limit) const {
  HIPPOCRYPT_TRY(const GgufValue* value, require(key));
  if (value->type != GgufType::list) return wrong(key, "a list");
  if (value->count > limit) {
    return Error{Errc::limit_exceeded, source_ + ": metadata " + printable(key) + " has " +
                                           std::to_string(value->count) + " elements; at most " +
                                           std::to_string(limit)};
  }
  return value;
}

Result<std::uint64_t> GgufMetadata::unsigned_value(std::string_view key) const {
  HIPPOCRYPT_TRY(const GgufValue* value, require(key));
  const auto* at = value->bytes.data();
  if (value->type == GgufType::u64) return load<std::uint64_t>(at);
  if (value->type != GgufType::list && is_integer(value->type)) {
    const std::int64_t number = load_integer(value->type, at);
    if (number >= 0) return static_cast<std::uint64_t>(number);
  }
  return wrong(key, "a whole number, not negative");
}

Result<double> GgufMetadata::number(std::string_view key) const {
  HIPPOCRYPT_TRY(const GgufValue* value, require(key));
  const auto* at = value->bytes.data();
  if (value->type == GgufType::f32) return shortest_decimal(load<float>(at));
  if (value->type == GgufType::f64) return load<double>(at);
  if (value->type == GgufType::u64) return static_cast<double>(load<std::uint64_t>(at));
  if (value->type != GgufType::list && is_integer(value->type)) {
    return static_cast<double>(load_integer(value->type, at));
  }
  return wrong(key, "a number");
}

Result<std::string> GgufMetadata::text(std::string_view key) const {
  HIPPOCRYPT_TRY(const GgufValue* value, require(key));
  if (value->type != GgufType::text) return wrong(key, "text");
  const ByteView raw = value->bytes.subspan(sizeof(std::uint64_t));
  return std::string{reinterpret_cast<const char*>(raw.data()), raw.size()};
}

Result<std::uint64_t> GgufMetadata::unsigned_or(std::string_view key,
                                                std::uint64_t otherwise) const {
  return has(key) ? unsigned_value(key) : otherwise;
}

Result<double> GgufMetadata::number_or(std::string_view key, double otherwise) const {
  return has(key) ? number(key) : otherwise;
}

Result<std::string> GgufMetadata::text_or(std::string_view key, std::string otherwise) const {
  return has(key) ? text(key) : std::move(otherwise);
}

Result<bool> GgufMetadata::flag_or(std::string_view key, bool otherwise) const {
  if (!has(key)) return otherwise;
  HIPPOCRYPT_TRY(const GgufValue* value, require(key));
  if (value->type != GgufType::boolean || value->bytes[0] > 1) return wrong(key, "true or false");
  return value->bytes[0] == 1;
}

Result<std::vector<std::string_view>> GgufMetadata::texts(std::string_view key,
                                                          std::size_t limit) const {
  HIPPOCRYPT_TRY(const GgufValue* value, require_list(key, limit));
  if (value->element != GgufType::text) return wrong(key, "a list of texts");
  std::vector<std::string_view> out;
  out.reserve(static_cast<std::size_t>(value->count));
  ByteReader reader{value->bytes};
  for (std::uint64_t i = 0; i < value->count; ++i) {
    HIPPOCRYPT_TRY(const auto item, read_gguf_text(reader, value->bytes.size()));
    out.push_back(item);
  }
  return out;
}

Result<std::vector<float>> GgufMetadata::floats(std::string_view key, std::size_t limit) const {
  HIPPOCRYPT_TRY(const GgufValue* value, require_list(key, limit));
  if (value->element != GgufType::f32) return wrong(key, "a list of floats");
  std::vector<float> out(static_cast<std::size_t>(value->count));
  if (!out.empty()) std::memcpy(out.data(), value->bytes.data(), value->bytes.size());
  return out;
}

Result<std::vector<std::int64_t>> GgufMetadata::integers(std::string_view key,
                                                         std::size_t limit) const {
  HIPPOCRYPT_TRY(const GgufValue* value, require_list(key, limit));
  if (!is_integer(value->element)) return wrong(key, "a list of whole numbers");
  const std::size_t size = fixed_size(value->element);
  std::vector<std::int64_t> out;
  out.reserve(static_cast<std::size_t>(value->count));
  for (std::size_t at = 0; at < value->bytes.size(); at += size) {
    const auto* raw = value->bytes.data() + at;
    if (value->element != GgufType::u64) {
      out.push_back(load_integer(value->element, raw));
      continue;
    }
    const auto number = load<std::uint64_t>(raw);
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return wrong(key, "a list of whole numbers below 2^63");
    }
    out.push_back(static_cast<std::int64_t>(number));
  }
  return out;
}

}  // namespace hippocrypt::model
