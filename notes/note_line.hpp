#pragma once
// One line of a note file.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "notes/note.hpp"

namespace hippocrypt::notes {

inline constexpr std::size_t max_name_bytes = 128;  ///< patient_id, note_id, speciality

/// A note from `line`, a JSON object with the fields that note_file.hpp lists. Other nesting than
/// that of messages is refused, so the depth is at most 3; so are unknown and repeated fields.
/// Errors: malformed, naming the field and what is allowed (not the place).
Result<Note> parse_note_line(std::string_view line);

/// The line of `note` without a line break. Errors: malformed, if parse_note_line would refuse it.
Result<std::string> print_note_line(const Note& note);

}  // namespace hippocrypt::notes
