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

/// One note; all text is UTF-8.
struct Note {
  std::string patient_id;
  std::string note_id;  ///< distinct within the patient
  std::string speciality;
  std::string text;
  Split split = Split::train;

  bool operator==(const Note&) const = default;
};

/// All notes of one patient, in the order of the file. The unit of privacy.
struct Patient {
  std::string patient_id;
  std::vector<Note> notes;
};

/// The patients of `split`, in the order of their first notes.
std::vector<Patient> group_by_patient(std::span<const Note> notes, Split split);

/// SHA-256 over the sorted pairs (patient_id, text) of the train split: the same whatever the order
/// of the lines and the held-out notes, so that copies of a data folder are recognised.
Hash256 dataset_fingerprint(std::span<const Note> notes);

}  // namespace hippocrypt::notes
