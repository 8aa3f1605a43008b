#pragma once
// What is true of one synthetic patient: age, sex, main diagnosis, drugs, and how ill. Every note
// of the patient is written from it, so that the notes agree with each other.

#include "base/random.hpp"
#include "notes/synth/expander.hpp"
#include "notes/synth/lexicon.hpp"

namespace hippocrypt::notes {

/// One patient. The pointers are into all_specialities(), which lives as long as the process.
struct PatientCase {
  const Speciality* speciality;
  const Group* group;
  UsedEntries used;  ///< entries that the facts took, for notes to choose others
  Facts facts;  ///< age, sex, diagnosis0, complaint0, drug0, drug1, ...; the same in every note
  std::size_t age;
  std::size_t acuity;  ///< 0 (well) to 3 (very ill) at the first note
  std::size_t systolic;
};

/// Draws a patient of `speciality`.
PatientCase draw_case(SeededSequence& random, const Speciality& speciality);

/// The patient's facts with the vital signs, laboratory values and course of one note; note 0 is
/// the first. Values move together: the more ill, the faster the pulse and the higher the CRP; the
/// older, the higher the creatinine.
Facts draw_note_facts(SeededSequence& random, const PatientCase& patient, std::size_t note_index);

}  // namespace hippocrypt::notes
