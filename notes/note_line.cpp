#include "notes/note_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "notes/note_sax.hpp"
#include "notes/utf8.hpp"

namespace hippocrypt::notes {
namespace {

Error malformed(std::string detail) { return Error{Errc::malformed, std::move(detail)}; }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Status check_conversation(const Note& note) {
  if (!note.text.empty() || !note.prompt.empty()) {
    return malformed("a note has messages or a text, not both");
  }
  const auto speaks = [](const Turn& turn) {
    return turn.role == Role::assistant && !is_blank(turn.text);
  };
  if (std::any_of(note.turns.begin(), note.turns.end(), speaks)) return {};
  return malformed("no message is the assistant's, so there is nothing to learn; leave it out");
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
  if (!note.turns.empty()) return check_conversation(note);
  if (is_blank(note.text)) {
    return malformed(fmt::format("field '{}' is empty; leave the note out",
                                 note.prompt.empty() ? "text" : "completion"));
  }
  return {};
}

Error missing(NoteField field) {
  return malformed(fmt::format("field '{}' is missing; a note has exactly {}",
                               note_field_names[static_cast<std::size_t>(field)], note_field_list));
}

/// One of the three forms, whole. Errors: malformed.
Status check_form(const NoteSax& sax) {
  const bool prompt = sax.value(NoteField::prompt).has_value();
  const bool completion = sax.value(NoteField::completion).has_value();
  const bool text = sax.value(NoteField::text).has_value();
  const int forms =
      (text ? 1 : 0) + (prompt || completion ? 1 : 0) + (sax.turns.has_value() ? 1 : 0);
  if (forms > 1) {
    return malformed("a note has one of text, prompt with completion, or messages, not several");
  }
  if (forms == 0) return missing(NoteField::text);
  if (prompt != completion) return missing(prompt ? NoteField::completion : NoteField::prompt);
  if (prompt && is_blank(*sax.value(NoteField::prompt))) {
    return malformed("field 'prompt' is empty; a note without one has a text");
  }
  if (sax.turns && sax.turns->empty()) {
    return malformed("field 'messages' is empty; leave the note out");
  }
  return {};
}

Json to_json(const std::vector<Turn>& turns) {
  Json messages = Json::array();
  for (const Turn& turn : turns) {
    Json message;
    message["role"] = to_string(turn.role);
    message["content"] = turn.text;
    messages.push_back(std::move(message));
  }
  return messages;
}

Status check_utf8(const Note& note) {
  std::vector<const std::string*> texts{&note.patient_id, &note.note_id, &note.speciality,
                                        &note.text, &note.prompt};
  for (const Turn& turn : note.turns) texts.push_back(&turn.text);
  for (const std::string* text : texts) {
    if (replace_invalid_utf8(*text).replaced > 0) {
      return malformed("a field is not UTF-8; replace the bytes first");
    }
  }
  return {};
}

}  // namespace

Result<Note> parse_note_line(std::string_view line) {
  NoteSax sax;
  if (!Json::sax_parse(line.begin(), line.end(), &sax)) return malformed(std::move(sax.problem));
  for (const auto field :
       {NoteField::patient_id, NoteField::note_id, NoteField::speciality, NoteField::split}) {
    if (!sax.value(field)) return missing(field);
  }
  HIPPOCRYPT_TRY_VOID(check_form(sax));
  const std::string split = sax.take(NoteField::split);
  if (split != to_string(Split::train) && split != to_string(Split::heldout)) {
    return malformed(
        fmt::format("field 'split' is '{}'; it must be 'train' or 'heldout'", shown(split)));
  }
  const bool is_pair = sax.value(NoteField::prompt).has_value();
  Note note{.patient_id = sax.take(NoteField::patient_id),
            .note_id = sax.take(NoteField::note_id),
            .speciality = sax.take(NoteField::speciality),
            .text = sax.take(is_pair ? NoteField::completion : NoteField::text),
            .split = split == to_string(Split::train) ? Split::train : Split::heldout,
            .prompt = sax.take(NoteField::prompt),
            .turns = std::move(sax.turns).value_or(std::vector<Turn>{})};
  HIPPOCRYPT_TRY_VOID(check_note(note));
  return note;
}

Result<std::string> print_note_line(const Note& note) {
  HIPPOCRYPT_TRY_VOID(check_note(note));
  HIPPOCRYPT_TRY_VOID(check_utf8(note));
  Json object;
  object["patient_id"] = note.patient_id;
  object["note_id"] = note.note_id;
  object["speciality"] = note.speciality;
  object["split"] = to_string(note.split);
  if (!note.turns.empty()) {
    object["messages"] = to_json(note.turns);
  } else if (!note.prompt.empty()) {
    object["prompt"] = note.prompt;
    object["completion"] = note.text;
  } else {
    object["text"] = note.text;
  }
  return object.dump();
}

}  // namespace hippocrypt::notes
