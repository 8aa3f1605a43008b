#include "federation/client/hospital_data.hpp"

#include <algorithm>

namespace hippocrypt::federation {
namespace {

struct Cutter {
  const TextCodec& codec;
  std::size_t max_tokens;
  DataReport& report;

  /// [bos] + text + [eos], cut to max_tokens; empty when nothing can be predicted. Errors: the
  /// tokenizer's.
  Result<TokenSequence> operator()(const std::string& text) const {
    ++report.notes;
    HIPPOCRYPT_TRY(const auto ids, codec.tokenizer.encode(text));
    TokenSequence sequence;
    if (codec.special.bos) sequence.push_back(static_cast<std::uint32_t>(*codec.special.bos));
    sequence.insert(sequence.end(), ids.begin(), ids.end());
    if (codec.special.eos) sequence.push_back(static_cast<std::uint32_t>(*codec.special.eos));
    if (sequence.size() > max_tokens) {
      ++report.truncated_notes;
      sequence.resize(max_tokens);
    }
    if (ids.empty() || sequence.size() < 2) {
      ++report.empty_notes;
      return TokenSequence{};
    }
    return sequence;
  }
};

/// Sequences that fit together, and how many did not.
struct Fitting {
  std::size_t limit_tokens;
  std::size_t& dropped;
  std::size_t used_tokens = 0;

  void add(std::vector<TokenSequence>& out, TokenSequence sequence) {
    if (sequence.empty()) return;
    if (used_tokens + sequence.size() > limit_tokens) {
      ++dropped;
      return;
    }
    used_tokens += sequence.size();
    out.push_back(std::move(sequence));
  }
};

Result<DataUnit> patient_unit(const notes::Patient& patient, const Cutter& cut,
                              std::size_t limit_tokens) {
  DataUnit unit;
  Fitting fitting{limit_tokens, cut.report.dropped_notes};
  for (const auto& note : patient.notes) {
    HIPPOCRYPT_TRY(auto sequence, cut(note.text));
    fitting.add(unit.sequences, std::move(sequence));
  }
  return unit;
}

/// The unit as sampled: the patient whole, or note by note.
void add_units(std::vector<DataUnit>& units, DataUnit patient, PrivacyUnit unit) {
  if (patient.sequences.empty()) return;
  if (unit == PrivacyUnit::patient) {
    units.push_back(std::move(patient));
    return;
  }
  for (auto& sequence : patient.sequences) units.push_back(DataUnit{{std::move(sequence)}});
}

}  // namespace

std::size_t DataUnit::token_count() const {
  std::size_t count = 0;
  for (const auto& sequence : sequences) count += sequence.size();
  return count;
}

std::vector<std::uint32_t> token_counts(const std::vector<DataUnit>& units) {
  std::vector<std::uint32_t> counts;
  for (const auto& unit : units) counts.push_back(static_cast<std::uint32_t>(unit.token_count()));
  return counts;
}

Result<HospitalData> load_hospital_data(const std::filesystem::path& notes, TextCodec codec,
                                        const TrainingConfig& training, PrivacyUnit unit,
                                        std::size_t max_context, std::size_t eval_capacity_tokens) {
  HIPPOCRYPT_TRY(const notes::NoteFile file, notes::read_notes(notes));
  HospitalData data;
  data.fingerprint = notes::dataset_fingerprint(file.notes);
  data.report.invalid_utf8_lines = file.report.invalid_utf8_lines;
  const Cutter cut{codec, std::min<std::size_t>(training.max_note_tokens, max_context),
                   data.report};
  for (const auto& patient : file.patients(notes::Split::train)) {
    HIPPOCRYPT_TRY(auto whole, patient_unit(patient, cut, training.max_patient_tokens));
    add_units(data.train, std::move(whole), unit);
  }
  Fitting evaluation{eval_capacity_tokens, data.report.heldout_notes_unused};
  for (const auto& patient : file.patients(notes::Split::heldout)) {
    for (const auto& note : patient.notes) {
      HIPPOCRYPT_TRY(auto sequence, cut(note.text));
      evaluation.add(data.heldout, std::move(sequence));
    }
  }
  if (data.train.empty()) {
    return Error{Errc::out_of_range, notes.string() + ": has no usable note of split \"train\""};
  }
  if (data.heldout.empty()) {
    return Error{Errc::out_of_range, notes.string() + ": has no usable note of split \"heldout\""};
  }
  return data;
}

}  // namespace hippocrypt::federation
