#pragma once
// Synthetic clinical notes: invented patients whose notes are written by a grammar. The same
// options give the same bytes on every machine. No note stems from a person: the text is drawn from
// word lists, the patients have numbers and no names.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "notes/note.hpp"

namespace hippocrypt::notes {

inline constexpr std::size_t max_synthetic_patients = 999'999;  // ids have six digits

/// What to write.
struct SynthOptions {
  std::uint64_t seed = 1;
  std::size_t patients = 100;             ///< 1 to max_synthetic_patients
  std::vector<std::string> specialities;  ///< at least one; each patient has one of them
  double heldout_share = 0.15;            ///< of the patients, in [0, 1)
  std::string id_prefix = "P";            ///< 1 to 16 letters, digits or '-'; "P-000001"
};

/// The names of all specialities that can be asked for, in alphabetical order.
std::vector<std::string> speciality_names();

/// One to three notes a patient, grouped by patient. round(patients * heldout_share) patients,
/// drawn at random but never all, are held out. Memory: about 1 KiB a patient.
/// Errors: invalid_config (an unknown or repeated speciality, or none; a bad prefix), out_of_range
/// (patients, heldout_share).
Result<std::vector<Note>> synthesize(const SynthOptions& options);

}  // namespace hippocrypt::notes
