#pragma once
// A clinical note, and notes grouped by the patient they belong to.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"

namespace hippocrypt::notes {

/// What a note is for. All notes of a patient have the same split.
enum class Split : std::uint8_t {
  train,
  heldout,
};

/// "train" or "heldout".
std::string_view to_string(Split split);

/// Who speaks in a conversation.
enum class Role : std::uint8_t {
  system,
  user,
  assistant,
};

/// "system", "user" or "assistant".
std::string_view to_string(Role role);

/// What one of them says.
struct Turn {
  Role role = Role::user;
  std::string text;

  bool operator==(const Turn&) const = default;
};

/// One note: a text, a prompt with its completion, or a conversation. All text is UTF-8.
struct Note {
  std::string patient_id;
  std::string note_id;  ///< distinct within the patient
  std::string speciality;
  std::string text;  ///< the note, or the completion of `prompt`; empty where there are turns
  Split split = Split::train;
  std::string prompt = {};       ///< empty: none
  std::vector<Turn> turns = {};  ///< of a conversation; empty: none

  bool operator==(const Note&) const = default;
};

/// All notes of one patient, in the order of the file. The unit of privacy.
struct Patient {
  std::string patient_id;
  std::vector<Note> notes;
};

/// All that a note says: the turns, one a line, or the prompt and the text.
std::string whole_text(const Note& note);

/// The patients of `split`, in the order of their first notes.
std::vector<Patient> group_by_patient(std::span<const Note> notes, Split split);

/// SHA-256 over the sorted pairs (patient_id, whole_text) of the train split: the same whatever the
/// order of the lines and the held-out notes, so that copies of a data folder are recognised.
Hash256 dataset_fingerprint(std::span<const Note> notes);

}  // namespace hippocrypt::notes
