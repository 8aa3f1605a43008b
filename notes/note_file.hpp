#pragma once
// Note files: JSON Lines, one object a line with the string fields "patient_id", "note_id",
// "speciality" and "split" ("train" or "heldout"), and one of "text"; "prompt" and "completion"; or
// "messages", a list of {"role": "system", "user" or "assistant", "content": ...}. Blank lines, a
// byte order mark and CR LF line ends are accepted. Bytes that are not UTF-8 become U+FFFD before
// parsing and are counted, as hospital exports often hold a few Latin-1 characters that should not
// block a whole file.

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "notes/note.hpp"

namespace hippocrypt::notes {

inline constexpr std::size_t max_note_file_bytes = std::size_t{256} << 20;
inline constexpr std::size_t max_note_line_bytes = std::size_t{1} << 20;

/// What was found while reading.
struct NoteFileReport {
  std::size_t lines = 0;  ///< all lines, also blank ones
  std::size_t blank_lines = 0;
  std::size_t notes = 0;
  std::size_t train_patients = 0;
  std::size_t heldout_patients = 0;
  std::size_t invalid_utf8_lines = 0;  ///< lines with at least one replaced sequence
  std::size_t replaced_sequences = 0;  ///< how many U+FFFD were put in
};

/// The notes of a file, in its order.
struct NoteFile {
  std::vector<Note> notes;
  NoteFileReport report;

  /// The patients of `split`, in the order of their first notes.
  std::vector<Patient> patients(Split split) const { return group_by_patient(notes, split); }
};

/// Reads and checks a note file. Every message names the file and, where there is one, the line.
/// Errors: not_found; io; limit_exceeded (max_note_file_bytes, max_note_line_bytes); malformed (no
/// notes; a line that is not such an object; a note_id that its patient has already); mismatch (a
/// patient in both splits).
Result<NoteFile> read_notes(const std::filesystem::path& path);

/// Writes a note file that read_notes accepts, atomically. Errors: io; limit_exceeded; malformed
/// (no notes; an empty or overlong field; text that is not UTF-8; a repeated note_id); mismatch (a
/// patient in both splits).
Status write_notes(const std::filesystem::path& path, std::span<const Note> notes);

}  // namespace hippocrypt::notes
