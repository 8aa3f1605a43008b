#include "federation/client/hospital_data.hpp"

#include <algorithm>
#include <optional>

#include "federation/client/chat_sequence.hpp"
#include "federation/client/mask_notes.hpp"

namespace hippocrypt::federation {
namespace {

struct Cutter {
  const TextCodec& codec;
  LossTokens loss;
  std::size_t max_tokens;
  DataReport& report;

  /// The note's sequence, cut to max_tokens; empty when nothing can be predicted. Errors: the
  /// tokenizer's, unsupported.
  Result<TokenSequence> operator()(const notes::Note& note) const {
    HIPPOCRYPT_TRY(TokenSequence sequence, with_identity(note));
    if (sequence.predicted() > 0) return sequence;
    ++report.empty_notes;
    return TokenSequence{};
  }

  /// The same, whatever can be predicted.
  Result<TokenSequence> with_identity(const notes::Note& note) const {
    ++report.notes;
    HIPPOCRYPT_TRY(TokenSequence sequence, whole(note));
    if (sequence.size() > max_tokens) {
      ++report.truncated_notes;
      sequence.tokens.resize(max_tokens);
      sequence.learned.resize(max_tokens);
    }
    sequence.identity = identity_of(note, sequence.tokens);
    return sequence;
  }

 private:
  static Hash256 identity_of(const notes::Note& note, const std::vector<std::uint32_t>& tokens) {
    Sha256 hash;
    hash.add_field(note.patient_id).add_field(note.note_id);
    for (const std::uint32_t token : tokens) hash.add_u64(token);
    return hash.finish();
  }
  Result<TokenSequence> conversation(const notes::Note& note) const {
    const std::string place = "note " + note.note_id + " of patient " + note.patient_id;
    if (!codec.chat) {
      return Error{Errc::unsupported,
                   place +
                       " is a conversation, and this model has no known chat format; give "
                       "prompts with completions, or texts"};
    }
    auto sequence = chat_sequence(codec.tokenizer, *codec.chat, note.turns, loss, max_tokens);
    if (!sequence) {
      return Error{sequence.error().code, place + ": " + sequence.error().detail};
    }
    return sequence;
  }
  Result<TokenSequence> whole(const notes::Note& note) const {
    if (!note.turns.empty()) return conversation(note);
    TokenSequence sequence;
    add_special(sequence, codec.special.bos, false);
    HIPPOCRYPT_TRY_VOID(add_text(sequence, note.prompt, loss == LossTokens::all));
    const std::size_t before = sequence.size();
    HIPPOCRYPT_TRY_VOID(add_text(sequence, note.text, true));
    if (sequence.size() == before) return TokenSequence{};  // not even a token of text
    add_special(sequence, codec.special.eos, true);
    sequence.learned.front() = false;
    return sequence;
  }
  static void add_special(TokenSequence& sequence, std::optional<std::uint64_t> id, bool learned) {
    if (!id) return;
    sequence.tokens.push_back(static_cast<std::uint32_t>(*id));
    sequence.learned.push_back(learned);
  }
  Status add_text(TokenSequence& sequence, const std::string& text, bool learned) const {
    HIPPOCRYPT_TRY(const auto ids, codec.tokenizer.encode(text));
    sequence.tokens.insert(sequence.tokens.end(), ids.begin(), ids.end());
    sequence.learned.resize(sequence.tokens.size(), learned);
    return {};
  }
};

/// Sequences that fit together, and how many did not.
struct Fitting {
  std::size_t limit_tokens;
  std::size_t& dropped;
  std::size_t used_tokens = 0;

  void add(std::vector<TokenSequence>& out, TokenSequence sequence) {
    if (sequence.tokens.empty()) return;
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
    HIPPOCRYPT_TRY(auto sequence, cut(note));
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

std::size_t TokenSequence::predicted() const {
  return static_cast<std::size_t>(std::count(learned.begin(), learned.end(), true));
}

std::vector<model::SequenceSpan> append_sequences(model::Batch& batch,
                                                  const std::vector<TokenSequence>& sequences,
                                                  float weight) {
  const std::size_t first = batch.sequences.size();
  for (const auto& sequence : sequences) {
    model::append_sequence(batch, sequence.tokens, sequence.learned, weight);
  }
  return {batch.sequences.begin() + static_cast<std::ptrdiff_t>(first), batch.sequences.end()};
}

std::size_t predicted_tokens(const std::vector<TokenSequence>& sequences) {
  std::size_t count = 0;
  for (const auto& sequence : sequences) count += sequence.predicted();
  return count;
}

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
  HIPPOCRYPT_TRY(notes::NoteFile file, notes::read_notes(notes));
  return make_hospital_data(std::move(file), notes.string(), codec, training, unit, max_context,
                            eval_capacity_tokens);
}

Result<HospitalData> make_hospital_data(notes::NoteFile file, const std::string& name,
                                        TextCodec codec, const TrainingConfig& training,
                                        PrivacyUnit unit, std::size_t max_context,
                                        std::size_t eval_capacity_tokens) {
  HospitalData data;
  data.fingerprint = notes::dataset_fingerprint(file.notes);
  data.report.invalid_utf8_lines = file.report.invalid_utf8_lines;
  // After the fingerprint: the account is the patients', whether or not they are masked.
  if (codec.deidentify) {
    HIPPOCRYPT_TRY(data.report.identifiers_masked, mask_identifiers(file.notes));
  }
  const Cutter cut{codec, training.loss,
                   std::min<std::size_t>(training.max_note_tokens, max_context), data.report};
  for (const auto& patient : file.patients(notes::Split::train)) {
    HIPPOCRYPT_TRY(auto whole, patient_unit(patient, cut, training.max_patient_tokens));
    if (!whole.sequences.empty()) data.train_patients.push_back(patient.patient_id);
    add_units(data.train, std::move(whole), unit);
  }
  Fitting evaluation{eval_capacity_tokens, data.report.heldout_notes_unused};
  for (const auto& patient : file.patients(notes::Split::heldout)) {
    for (const auto& note : patient.notes) {
      HIPPOCRYPT_TRY(auto sequence, cut(note));
      evaluation.add(data.heldout, std::move(sequence));
    }
  }
  if (data.train.empty()) {
    return Error{Errc::out_of_range, name + ": has no usable note of split \"train\""};
  }
  if (data.heldout.empty()) {
    return Error{Errc::out_of_range, name + ": has no usable note of split \"heldout\""};
  }
  return data;
}

Result<std::vector<DataUnit>> heldout_units(notes::NoteFile file, TextCodec codec,
                                            const TrainingConfig& training, PrivacyUnit unit,
                                            std::size_t max_context) {
  DataReport report;
  if (codec.deidentify) {
    HIPPOCRYPT_TRY(report.identifiers_masked, mask_identifiers(file.notes));
  }
  const Cutter cut{codec, training.loss,
                   std::min<std::size_t>(training.max_note_tokens, max_context), report};
  std::vector<DataUnit> units;
  for (const auto& patient : file.patients(notes::Split::heldout)) {
    HIPPOCRYPT_TRY(auto whole, patient_unit(patient, cut, training.max_patient_tokens));
    add_units(units, std::move(whole), unit);
  }
  return units;
}

Result<NoteSequences> load_note_sequences(const std::filesystem::path& notes, TextCodec codec,
                                          notes::Split split, std::size_t max_tokens) {
  HIPPOCRYPT_TRY(notes::NoteFile file, notes::read_notes(notes));
  NoteSequences out;
  DataReport report;
  const Cutter cut{codec, LossTokens::all, max_tokens, report};
  std::vector<notes::Note> chosen;
  for (notes::Note& note : file.notes) {
    if (note.split != split) continue;
    HIPPOCRYPT_TRY(auto sequence, cut.with_identity(note));
    out.sequences.push_back(std::move(sequence));
    note.split = notes::Split::train;  // which the fingerprint is taken over
    chosen.push_back(std::move(note));
  }
  if (chosen.empty()) {
    return Error{Errc::out_of_range, notes.string() + ": has no note of split \"" +
                                         std::string{notes::to_string(split)} + "\""};
  }
  out.fingerprint = notes::dataset_fingerprint(chosen);
  out.truncated = report.truncated_notes;
  out.invalid_utf8_lines = file.report.invalid_utf8_lines;
  return out;
}

}  // namespace hippocrypt::federation
