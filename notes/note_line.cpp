#include "notes/note_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "notes/utf8.hpp"

namespace hippocrypt::notes {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> field_names{"patient_id", "note_id", "speciality",
                                                      "split", "text"};
constexpr std::string_view field_list = "patient_id, note_id, speciality, split and text";

/// A name from the file as a message shows it: short, and on one line.
std::string shown(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string out;
  for (const char c : text.substr(0, most)) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    out.push_back(is_control ? '?' : c);
  }
  return replace_invalid_utf8(out).text + (text.size() > most ? "..." : "");
}

/// Reads a flat object of strings without building a tree, and stops at the first thing that does
/// not belong there. The parser calls these; their names are the library's.
class NoteSax final : public nlohmann::json_sax<Json> {
 public:
  std::array<std::optional<std::string>, field_names.size()> values;
  std::string problem;

  bool null() override { return wrong_type("null"); }
  bool boolean(bool) override { return wrong_type("a boolean"); }
  bool number_integer(number_integer_t) override { return wrong_type("a number"); }
  bool number_unsigned(number_unsigned_t) override { return wrong_type("a number"); }
  bool number_float(number_float_t, const string_t&) override { return wrong_type("a number"); }
  bool binary(binary_t&) override { return wrong_type("binary"); }
  bool start_array(std::size_t) override { return wrong_type("an array"); }
  bool end_array() override { return true; }
  bool end_object() override { return true; }

  bool start_object(std::size_t) override {
    if (is_inside_) return wrong_type("an object");
    is_inside_ = true;
    return true;
  }

  bool key(string_t& name) override {
    const auto found = std::find(field_names.begin(), field_names.end(), name);
    if (found == field_names.end()) {
      return fail(
          fmt::format("unknown field '{}'; a note has exactly {}", shown(name), field_list));
    }
    field_ = static_cast<std::size_t>(found - field_names.begin());
    if (values[field_].has_value()) return fail(fmt::format("field '{}' is given twice", name));
    return true;
  }

  bool string(string_t& value) override {
    if (!is_inside_) return wrong_type("a string");
    values[field_] = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    return fail(fmt::format("not a JSON object (near character {})", position));
  }

 private:
  bool fail(std::string what) {
    if (problem.empty()) problem = std::move(what);
    return false;
  }

  bool wrong_type(std::string_view type) {
    if (!is_inside_) return fail(fmt::format("{}, not a JSON object", type));
    return fail(fmt::format("field '{}' is {}; it must be a string", field_names[field_], type));
  }

  bool is_inside_ = false;
  std::size_t field_ = 0;
};

Error malformed(std::string detail) { return Error{Errc::malformed, std::move(detail)}; }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Status check_note(const Note& note) {
  const std::pair<std::string_view, std::string_view> names[] = {
      {"patient_id", note.patient_id}, {"note_id", note.note_id}, {"speciality", note.speciality}};
  for (const auto& [field, value] : names) {
    if (value.empty() || value.size() > max_name_bytes || has_control(value)) {
      return malformed(fmt::format("field '{}' must have 1 to {} bytes, no control characters",
                                   field, max_name_bytes));
    }
  }
  if (note.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return malformed("field 'text' is empty; leave the note out");
  }
  return {};
}

}  // namespace

Result<Note> parse_note_line(std::string_view line) {
  NoteSax sax;
  if (!Json::sax_parse(line.begin(), line.end(), &sax)) return malformed(std::move(sax.problem));
  for (std::size_t i = 0; i < field_names.size(); ++i) {
    if (!sax.values[i].has_value()) {
      return malformed(
          fmt::format("field '{}' is missing; a note has exactly {}", field_names[i], field_list));
    }
  }
  const std::string& split = *sax.values[3];
  if (split != to_string(Split::train) && split != to_string(Split::heldout)) {
    return malformed(
        fmt::format("field 'split' is '{}'; it must be 'train' or 'heldout'", shown(split)));
  }
  Note note{.patient_id = std::move(*sax.values[0]),
            .note_id = std::move(*sax.values[1]),
            .speciality = std::move(*sax.values[2]),
            .text = std::move(*sax.values[4]),
            .split = split == to_string(Split::train) ? Split::train : Split::heldout};
  HIPPOCRYPT_TRY_VOID(check_note(note));
  return note;
}

Result<std::string> print_note_line(const Note& note) {
  HIPPOCRYPT_TRY_VOID(check_note(note));
  for (const std::string* field : {&note.patient_id, &note.note_id, &note.speciality, &note.text}) {
    if (replace_invalid_utf8(*field).replaced > 0) {
      return malformed("a field is not UTF-8; replace the bytes first");
    }
  }
  Json object;
  object["patient_id"] = note.patient_id;
  object["note_id"] = note.note_id;
  object["speciality"] = note.speciality;
  object["split"] = to_string(note.split);
  object["text"] = note.text;
  return object.dump();
}

}  // namespace hippocrypt::notes
