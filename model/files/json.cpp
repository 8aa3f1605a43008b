#include "model/files/json.hpp"

#include <exception>
#include <unordered_set>

namespace hippocrypt::model {
namespace {

/// Whether brackets outside strings nest deeper than the limit. Done before parsing, so that a
/// text of brackets alone cannot make the parser allocate.
bool nested_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > max_json_depth) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

/// Remembers the keys of the open objects to find one that comes twice: of two values for a key,
/// different readers would take different ones.
class DuplicateKeys {
 public:
  bool operator()(Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) open_.emplace_back();
    if (event == Json::parse_event_t::object_end && !open_.empty()) open_.pop_back();
    if (event == Json::parse_event_t::key && !open_.empty() && parsed.is_string()) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!open_.back().insert(key).second && !found_) found_ = key;
    }
    return true;
  }
  const std::optional<std::string>& found() const { return found_; }

 private:
  std::vector<std::unordered_set<std::string>> open_;
  std::optional<std::string> found_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& source) {
  if (nested_too_deep(text)) {
    return Error{Errc::limit_exceeded, source + ": JSON nested deeper than " +
                                           std::to_string(max_json_depth) + " levels"};
  }
  DuplicateKeys duplicates;
  const auto watch = [&duplicates](int, Json::parse_event_t event, Json& parsed) {
    return duplicates(event, parsed);
  };
  try {
    Json value = Json::parse(text.begin(), text.end(), watch);
    if (duplicates.found()) {
      return Error{Errc::malformed, source + ": the key " + *duplicates.found() + " comes twice"};
    }
    return value;
  } catch (const Json::exception& failure) {
    return Error{Errc::malformed, source + ": not valid JSON: " + failure.what()};
  }
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
  return Error{Errc::malformed, source_ + ": " + key + " must be " + wanted};
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
