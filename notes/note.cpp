#include "notes/note.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace hippocrypt::notes {

std::string_view to_string(Split split) { return split == Split::train ? "train" : "heldout"; }

std::string_view to_string(Role role) {
  switch (role) {
    case Role::system:
      return "system";
    case Role::user:
      return "user";
    case Role::assistant:
      return "assistant";
  }
  return "unknown";
}

std::string whole_text(const Note& note) {
  if (note.turns.empty()) return note.prompt + note.text;
  std::string text;
  for (const Turn& turn : note.turns) {
    if (!text.empty()) text.push_back('\n');
    text.append(turn.text);
  }
  return text;
}

std::vector<Patient> group_by_patient(std::span<const Note> notes, Split split) {
  std::vector<Patient> patients;
  std::map<std::string_view, std::size_t> index_of;
  for (const Note& note : notes) {
    if (note.split != split) continue;
    const auto [entry, is_new] = index_of.try_emplace(note.patient_id, patients.size());
    if (is_new) patients.push_back(Patient{.patient_id = note.patient_id, .notes = {}});
    patients[entry->second].notes.push_back(note);
  }
  return patients;
}

Hash256 dataset_fingerprint(std::span<const Note> notes) {
  std::vector<std::pair<std::string_view, std::string>> records;
  for (const Note& note : notes) {
    if (note.split == Split::train) records.emplace_back(note.patient_id, whole_text(note));
  }
  std::sort(records.begin(), records.end());
  Sha256 hash;
  hash.add_field("hippocrypt notes fingerprint 1").add_u64(records.size());
  for (const auto& [patient_id, text] : records) hash.add_field(patient_id).add_field(text);
  return hash.finish();
}

}  // namespace hippocrypt::notes
