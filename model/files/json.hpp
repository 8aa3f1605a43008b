#pragma once
// JSON text as values, with limits and without exceptions. A library of its own (model_json), as
// both the files and the tokenizer need it and neither may depend on the other.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::model {

using Json = nlohmann::json;

/// Objects and arrays may be nested this deep; the files that we read need fewer than ten.
inline constexpr std::size_t max_json_depth = 64;

/// No string or number may be longer.
inline constexpr std::size_t max_json_scalar_bytes = std::size_t{1} << 20;

/// `text` for an error's sentence: cut after about `bytes` bytes, for files may hold names of any
/// length.
std::string shortened(std::string_view text, std::size_t bytes = 80);

/// Parses UTF-8 JSON; `source` names the text in errors. The values take up to about 40 times the
/// memory of `text`, so limit its size before. Errors: malformed (not JSON, not UTF-8, a key twice
/// in one object), limit_exceeded (nested deeper than max_json_depth, max_json_scalar_bytes).
Result<Json> parse_json(std::string_view text, const std::string& source);

/// What a parser of events calls, for texts whose values would take too much memory.
using JsonEvents = nlohmann::json_sax<Json>;

/// Parses UTF-8 JSON into calls of `events`, in memory of at most four times
/// max_json_scalar_bytes; stops, with success, when one of them returns false. Errors: malformed
/// (not JSON, not UTF-8), limit_exceeded (max_json_depth, max_json_scalar_bytes).
Status parse_json_events(std::string_view text, const std::string& source, JsonEvents& events);

enum class JsonLayout { indented, compact };

/// The text of `value`, keys in their order, so that equal values give equal bytes. Indented text
/// ends in a line break. Strings must be UTF-8.
std::string json_text(const Json& value, JsonLayout layout = JsonLayout::indented);

/// A read-only object that names itself in errors. The Json must outlive it.
class JsonObject {
 public:
  /// Errors: malformed (not an object).
  static Result<JsonObject> of(const Json& value, std::string source);

  /// The value of `key`, or null when it is absent or JSON null.
  const Json* find(const std::string& key) const;
  /// The same, but it must be there. Errors: malformed.
  Result<const Json*> require(const std::string& key) const;

  /// Required values of one type. Errors: malformed (absent or of another type).
  Result<std::uint64_t> unsigned_value(const std::string& key) const;
  Result<double> number(const std::string& key) const;
  Result<std::string> text(const std::string& key) const;
  Result<JsonObject> object(const std::string& key) const;

  /// Optional values: `otherwise` when absent or null. Errors: malformed (of another type).
  Result<std::uint64_t> unsigned_or(const std::string& key, std::uint64_t otherwise) const;
  Result<double> number_or(const std::string& key, double otherwise) const;
  Result<std::string> text_or(const std::string& key, std::string otherwise) const;
  Result<bool> flag_or(const std::string& key, bool otherwise) const;

  const Json& json() const { return *value_; }
  const std::string& source() const { return source_; }
  /// "source: key must be <wanted>", for callers that read a value of their own kind.
  Error wrong(const std::string& key, const std::string& wanted) const;

 private:
  JsonObject(const Json& value, std::string source) : value_{&value}, source_{std::move(source)} {}
  const Json* value_;
  std::string source_;
};

}  // namespace hippocrypt::model
