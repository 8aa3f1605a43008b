#include "model/files/json.hpp"

#include <exception>
#include <unordered_set>

#include "base/json_nesting.hpp"

namespace hippocrypt::model {
namespace {

/// Whether a string, or what is between white space and signs outside strings, is too long: the
/// parser copies it twice.
bool scalar_too_long(std::string_view text) {
  std::size_t start = 0;  // of what is looked at
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_end =
        in_string ? c == '"' : std::string_view{" \t\r\n,:\"{}[]"}.find(c) != text.npos;
    if (in_string && c == '\\') ++i;
    if (c == '"' && is_end) in_string = !in_string;
    if (is_end) start = i;
    if (i - start > max_json_scalar_bytes) return true;
  }
  return false;
}

/// Passes events on and remembers what is wrong with the text.
class Watched : public JsonEvents {
 public:
  explicit Watched(JsonEvents& events) : events_{events} {}
  bool null() override { return events_.null(); }
  bool boolean(bool value) override { return events_.boolean(value); }
  bool number_integer(number_integer_t value) override { return events_.number_integer(value); }
  bool number_unsigned(number_unsigned_t value) override { return events_.number_unsigned(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    return events_.number_float(value, text);
  }
  bool string(string_t& value) override { return events_.string(value); }
  bool binary(binary_t& value) override { return events_.binary(value); }
  bool start_object(std::size_t size) override { return events_.start_object(size); }
  bool key(string_t& value) override { return events_.key(value); }
  bool end_object() override { return events_.end_object(); }
  bool start_array(std::size_t size) override { return events_.start_array(size); }
  bool end_array() override { return events_.end_array(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& failure) override {
    failure_ = failure.what();
    return false;
  }
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  JsonEvents& events_;
  std::optional<std::string> failure_;
};

/// Remembers the keys of the open objects to find one that comes twice: of two values for a key,
/// different readers would take different ones. A pass of its own: the parser that makes values
/// would look at all brothers of an object when it calls back, which takes the square of the time.
class DuplicateKeys : public JsonEvents {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    open_.emplace_back();
    return true;
  }
  bool key(string_t& value) override {
    if (!open_.back().insert(value).second && !found_) found_ = value;
    return true;
  }
  bool end_object() override {
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }
  const std::optional<std::string>& found() const { return found_; }

 private:
  std::vector<std::unordered_set<std::string>> open_;
  std::optional<std::string> found_;
};

/// The parser's sentence; it repeats the text that it has read last.
Error not_json(const std::string& source, std::string_view failure) {
  constexpr std::size_t longest = 200;
  return Error{Errc::malformed, source + ": not valid JSON: " + shortened(failure, longest)};
}

}  // namespace

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string{text};
  // Not within a character: its later bytes begin with the bits 10.
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return std::string{text.substr(0, bytes)} + "...";
}

Result<Json> parse_json(std::string_view text, const std::string& source) {
  DuplicateKeys duplicates;
  HIPPOCRYPT_TRY_VOID(parse_json_events(text, source, duplicates));
  if (duplicates.found()) {
    return Error{Errc::malformed,
                 source + ": the key " + shortened(*duplicates.found()) + " comes twice"};
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& failure) {
    return not_json(source, failure.what());
  }
}

Status parse_json_events(std::string_view text, const std::string& source, JsonEvents& events) {
  if (is_nested_deeper(text, max_json_depth)) {
    return Error{Errc::limit_exceeded, source + ": JSON nested deeper than " +
                                           std::to_string(max_json_depth) + " levels"};
  }
  if (scalar_too_long(text)) {
    return Error{Errc::limit_exceeded, source + ": a string or number of more than " +
                                           std::to_string(max_json_scalar_bytes) + " bytes"};
  }
  Watched watched{events};
  try {
    Json::sax_parse(text.begin(), text.end(), &watched);
  } catch (const Json::exception& failure) {
    return not_json(source, failure.what());
  }
  if (watched.failure()) {
    return not_json(source, *watched.failure());
  }
  return {};
}

std::string json_text(const Json& value, JsonLayout layout) {
  try {
    return layout == JsonLayout::indented ? value.dump(2) + "\n" : value.dump();
  } catch (const Json::exception& failure) {
    check_failed(__FILE__, __LINE__, "strings are UTF-8", failure.what());
  }
}

Result<JsonObject> JsonObject::of(const Json& value, std::string source) {
  if (!value.is_object()) return Error{Errc::malformed, source + ": must be a JSON object"};
  return JsonObject{value, std::move(source)};
}

Error JsonObject::wrong(const std::string& key, const std::string& wanted) const {
  return Error{Errc::malformed, source_ + ": " + shortened(key) + " must be " + wanted};
}

const Json* JsonObject::find(const std::string& key) const {
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

Result<const Json*> JsonObject::require(const std::string& key) const {
  const Json* value = find(key);
  if (value == nullptr) return Error{Errc::malformed, source_ + ": " + key + " is missing"};
  return value;
}

Result<std::uint64_t> JsonObject::unsigned_value(const std::string& key) const {
  HIPPOCRYPT_TRY(const Json* value, require(key));
  if (!value->is_number_unsigned()) return wrong(key, "a whole number, not negative");
  return value->get<std::uint64_t>();
}

Result<double> JsonObject::number(const std::string& key) const {
  HIPPOCRYPT_TRY(const Json* value, require(key));
  if (!value->is_number()) return wrong(key, "a number");
  return value->get<double>();
}

Result<std::string> JsonObject::text(const std::string& key) const {
  HIPPOCRYPT_TRY(const Json* value, require(key));
  if (!value->is_string()) return wrong(key, "text");
  return value->get<std::string>();
}

Result<JsonObject> JsonObject::object(const std::string& key) const {
  HIPPOCRYPT_TRY(const Json* value, require(key));
  return of(*value, source_ + ": " + key);
}

Result<std::uint64_t> JsonObject::unsigned_or(const std::string& key,
                                              std::uint64_t otherwise) const {
  if (find(key) == nullptr) return otherwise;
  return unsigned_value(key);
}

Result<double> JsonObject::number_or(const std::string& key, double otherwise) const {
  if (find(key) == nullptr) return otherwise;
  return number(key);
}

Result<std::string> JsonObject::text_or(const std::string& key, std::string otherwise) const {
  if (find(key) == nullptr) return otherwise;
  return text(key);
}

Result<bool> JsonObject::flag_or(const std::string& key, bool otherwise) const {
  const Json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) return wrong(key, "true or false");
  return value->get<bool>();
}

}  // namespace hippocrypt::model
