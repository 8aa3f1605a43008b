#pragma once
// The fields of one line of a note file, read without building a tree. Internal to note_line.

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "notes/note.hpp"

namespace hippocrypt::notes {

using Json = nlohmann::ordered_json;

/// What a line may hold; messages is a list, all others are strings.
enum class NoteField : std::size_t {
  patient_id,
  note_id,
  speciality,
  split,
  text,
  prompt,
  completion,
  messages,
};
inline constexpr std::array<std::string_view, 8> note_field_names{
    "patient_id", "note_id", "speciality", "split", "text", "prompt", "completion", "messages"};
inline constexpr std::string_view note_field_list =
    "patient_id, note_id, speciality, split and one of text, prompt with completion, or messages";

/// Text from the file as a message shows it: short, and on one line.
std::string shown(std::string_view text);

/// Stops at the first thing that does not belong there. The parser calls these; their names are the
/// library's.
class NoteSax final : public nlohmann::json_sax<Json> {
 public:
  const std::optional<std::string>& value(NoteField field) const {
    return values_[static_cast<std::size_t>(field)];
  }
  std::string take(NoteField field) {
    return std::move(values_[static_cast<std::size_t>(field)]).value_or("");
  }
  std::optional<std::vector<Turn>> turns;
  std::string problem;

  bool null() override { return wrong_type("null"); }
  bool boolean(bool) override { return wrong_type("a boolean"); }
  bool number_integer(number_integer_t) override { return wrong_type("a number"); }
  bool number_unsigned(number_unsigned_t) override { return wrong_type("a number"); }
  bool number_float(number_float_t, const string_t&) override { return wrong_type("a number"); }
  bool binary(binary_t&) override { return wrong_type("binary"); }
  bool start_array(std::size_t) override;
  bool end_array() override;
  bool start_object(std::size_t) override;
  bool end_object() override;
  bool key(string_t& name) override;
  bool string(string_t& value) override;
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override;

 private:
  enum class Place { outside, note, messages, message };

  bool fail(std::string what);
  bool wrong_type(std::string_view type);
  bool message_key(const std::string& name);
  bool message_string(std::string& value);

  std::array<std::optional<std::string>, note_field_names.size()> values_;
  Place place_ = Place::outside;
  NoteField field_ = NoteField::patient_id;
  std::optional<Role> role_;  // of the message under way
  std::optional<std::string> content_;
  bool at_role_ = false;
};

}  // namespace hippocrypt::notes
