#include "notes/note_sax.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "notes/utf8.hpp"

namespace hippocrypt::notes {
namespace {

constexpr std::array roles{Role::system, Role::user, Role::assistant};

}  // namespace

std::string shown(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string out;
  for (const char c : text.substr(0, most)) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    out.push_back(is_control ? '?' : c);
  }
  return replace_invalid_utf8(out).text + (text.size() > most ? "..." : "");
}

bool NoteSax::fail(std::string what) {
  if (problem.empty()) problem = std::move(what);
  return false;
}

bool NoteSax::wrong_type(std::string_view type) {
  switch (place_) {
    case Place::outside:
      return fail(fmt::format("{}, not a JSON object", type));
    case Place::note:
      return fail(fmt::format("field '{}' is {}; it must be {}",
                              note_field_names[static_cast<std::size_t>(field_)], type,
                              field_ == NoteField::messages ? "a list" : "a string"));
    case Place::messages:
      return fail(fmt::format("an entry of 'messages' is {}; it must be an object", type));
    case Place::message:
      return fail(fmt::format("'{}' of a message is {}; it must be a string",
                              at_role_ ? "role" : "content", type));
  }
  return false;
}

bool NoteSax::start_array(std::size_t) {
  if (place_ != Place::note || field_ != NoteField::messages) return wrong_type("an array");
  turns.emplace();
  place_ = Place::messages;
  return true;
}

bool NoteSax::end_array() {
  place_ = Place::note;
  return true;
}

bool NoteSax::start_object(std::size_t) {
  if (place_ == Place::outside) {
    place_ = Place::note;
    return true;
  }
  if (place_ != Place::messages) return wrong_type("an object");
  place_ = Place::message;
  role_.reset();
  content_.reset();
  return true;
}

bool NoteSax::end_object() {
  if (place_ == Place::note) {
    place_ = Place::outside;
    return true;
  }
  if (!role_ || !content_) {
    return fail(fmt::format("a message has no '{}'; it needs role and content",
                            role_ ? "content" : "role"));
  }
  turns->push_back({*role_, std::move(*content_)});
  place_ = Place::messages;
  return true;
}

bool NoteSax::message_key(const std::string& name) {
  at_role_ = name == "role";
  if (!at_role_ && name != "content") {
    return fail(
        fmt::format("unknown field '{}' in a message; it has role and content only", shown(name)));
  }
  if (at_role_ ? role_.has_value() : content_.has_value()) {
    return fail(fmt::format("'{}' is given twice in a message", name));
  }
  return true;
}

bool NoteSax::key(string_t& name) {
  if (place_ == Place::message) return message_key(name);
  const auto found = std::find(note_field_names.begin(), note_field_names.end(), name);
  if (found == note_field_names.end()) {
    return fail(
        fmt::format("unknown field '{}'; a note has exactly {}", shown(name), note_field_list));
  }
  field_ = static_cast<NoteField>(found - note_field_names.begin());
  const bool is_list = field_ == NoteField::messages;
  if (is_list ? turns.has_value() : value(field_).has_value()) {
    return fail(fmt::format("field '{}' is given twice", name));
  }
  return true;
}

bool NoteSax::message_string(std::string& value) {
  if (!at_role_) {
    content_ = std::move(value);
    return true;
  }
  const auto found = std::find_if(roles.begin(), roles.end(),
                                  [&value](Role role) { return value == to_string(role); });
  if (found == roles.end()) {
    return fail(fmt::format("'{}' is no role of a message; it must be system, user or assistant",
                            shown(value)));
  }
  role_ = *found;
  return true;
}

bool NoteSax::string(string_t& value) {
  if (place_ == Place::message) return message_string(value);
  if (place_ != Place::note || field_ == NoteField::messages) return wrong_type("a string");
  values_[static_cast<std::size_t>(field_)] = std::move(value);
  return true;
}

bool NoteSax::parse_error(std::size_t position, const std::string&,
                          const nlohmann::json::exception&) {
  return fail(fmt::format("not a JSON object (near character {})", position));
}

}  // namespace hippocrypt::notes
