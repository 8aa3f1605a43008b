#include "notes/note_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "notes/note_line.hpp"
#include "notes/utf8.hpp"

namespace hippocrypt::notes {
namespace {

Error at(const std::filesystem::path& path, std::size_t line, const Error& error) {
  return Error{error.code, fmt::format("{}:{}: {}", path.string(), line, error.detail)};
}

/// What notes must fulfil together: distinct note_ids and one split within each patient.
class Registry {
 public:
  /// Errors: malformed, mismatch.
  Status add(const Note& note, std::size_t line) {
    const auto [id, is_new_id] = line_of_.try_emplace({note.patient_id, note.note_id}, line);
    if (!is_new_id) {
      return Error{Errc::malformed, fmt::format("patient '{}' has a note '{}' already in line {}",
                                                note.patient_id, note.note_id, id->second)};
    }
    const auto [first, is_new_patient] =
        first_of_.try_emplace(note.patient_id, First{note.split, line});
    if (first->second.split != note.split) {
      return Error{Errc::mismatch,
                   fmt::format("patient '{}' is in split '{}' here and in '{}' in line {}; all "
                               "notes of a patient must be in one split",
                               note.patient_id, to_string(note.split),
                               to_string(first->second.split), first->second.line)};
    }
    if (is_new_patient) ++(note.split == Split::train ? train_patients_ : heldout_patients_);
    return {};
  }

  std::size_t train_patients() const { return train_patients_; }
  std::size_t heldout_patients() const { return heldout_patients_; }

 private:
  struct First {
    Split split;
    std::size_t line;
  };
  std::map<std::pair<std::string, std::string>, std::size_t> line_of_;
  std::map<std::string, First> first_of_;
  std::size_t train_patients_ = 0;
  std::size_t heldout_patients_ = 0;
};

Error no_notes(const std::filesystem::path& path) {
  return Error{Errc::malformed,
               path.string() + ": no notes; one JSON object a line is needed for each note"};
}

/// Adds the note of `line`, unless it is blank. Errors: malformed, mismatch, limit_exceeded.
Status read_line(std::string_view line, NoteFile& file, Registry& registry) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.size() > max_note_line_bytes) {
    return Error{Errc::limit_exceeded, fmt::format("the line has {} bytes; at most {}", line.size(),
                                                   max_note_line_bytes)};
  }
  if (line.find_first_not_of(" \t") == std::string_view::npos) {
    ++file.report.blank_lines;
    return {};
  }
  const Utf8Text text = replace_invalid_utf8(line);
  if (text.replaced > 0) ++file.report.invalid_utf8_lines;
  file.report.replaced_sequences += text.replaced;
  HIPPOCRYPT_TRY(Note note, parse_note_line(text.text));
  HIPPOCRYPT_TRY_VOID(registry.add(note, file.report.lines));
  file.notes.push_back(std::move(note));
  return {};
}

}  // namespace

Result<NoteFile> read_notes(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const std::string bytes, read_text_file(path, max_note_file_bytes));
  std::string_view rest = bytes;
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (rest.substr(0, byte_order_mark.size()) == byte_order_mark) {
    rest.remove_prefix(byte_order_mark.size());
  }
  NoteFile file;
  Registry registry;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    ++file.report.lines;
    const Status status = read_line(rest.substr(0, end), file, registry);
    if (!status) return at(path, file.report.lines, status.error());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (file.notes.empty()) return no_notes(path);
  file.report.notes = file.notes.size();
  file.report.train_patients = registry.train_patients();
  file.report.heldout_patients = registry.heldout_patients();
  return file;
}

Status write_notes(const std::filesystem::path& path, std::span<const Note> notes) {
  if (notes.empty()) return no_notes(path);
  Registry registry;
  std::string bytes;
  std::size_t line = 0;
  for (const Note& note : notes) {
    ++line;
    const Status fits = registry.add(note, line);
    if (!fits) return at(path, line, fits.error());
    const Result<std::string> text = print_note_line(note);
    if (!text) return at(path, line, text.error());
    if (text->size() > max_note_line_bytes || bytes.size() + text->size() >= max_note_file_bytes) {
      return at(path, line,
                Error{Errc::limit_exceeded, fmt::format("a line may have {} bytes and a file {}",
                                                        max_note_line_bytes, max_note_file_bytes)});
    }
    bytes += *text;
    bytes += '\n';
  }
  return write_file_atomically(path, as_bytes(bytes));
}

}  // namespace hippocrypt::notes
