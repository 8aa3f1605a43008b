#pragma once
// A hospital's notes as token sequences, grouped by privacy unit.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "federation/common/federation_config.hpp"
#include "model/batch.hpp"
#include "model/files/hf_model.hpp"
#include "model/tokenizer/chat.hpp"
#include "model/tokenizer/tokenizer.hpp"
#include "notes/note_file.hpp"

namespace hippocrypt::federation {

/// One note as tokens.
struct TokenSequence {
  std::vector<std::uint32_t> tokens;
  /// As long: whether the loss counts how well the token is predicted. Never set at the first.
  std::vector<bool> learned;
  /// Over patient, note and tokens: tells the sequence from all others, equal texts included.
  Hash256 identity = {};

  std::size_t size() const { return tokens.size(); }
  /// Tokens that are learned.
  std::size_t predicted() const;
};

/// Appends them to `batch` with `weight` on every learned token; says where they lie.
std::vector<model::SequenceSpan> append_sequences(model::Batch& batch,
                                                  const std::vector<TokenSequence>& sequences,
                                                  float weight);
/// Of all of them.
std::size_t predicted_tokens(const std::vector<TokenSequence>& sequences);

/// What is sampled and clipped together: all notes of a patient, or one note.
struct DataUnit {
  std::vector<TokenSequence> sequences;
  std::size_t token_count() const;
};

/// Length of each unit, for the lots' capacity.
std::vector<std::uint32_t> token_counts(const std::vector<DataUnit>& units);

/// What had to be changed on the way; shown to the hospital, never sent.
struct DataReport {
  std::size_t notes = 0;
  std::size_t truncated_notes = 0;  ///< longer than max_note_tokens
  std::size_t dropped_notes = 0;    ///< beyond max_patient_tokens of their unit
  std::size_t empty_notes = 0;      ///< nothing to predict, as where a prompt fills max_note_tokens
  std::size_t invalid_utf8_lines = 0;
  std::size_t identifiers_masked = 0;
  std::size_t heldout_notes_unused = 0;  ///< beyond the evaluation's capacity
};

struct HospitalData {
  std::vector<DataUnit> train;
  std::vector<TokenSequence> heldout;
  Hash256 fingerprint;                      ///< of the training patients and texts
  std::vector<std::string> train_patients;  ///< ids; they stay here
  DataReport report;
};

/// How text becomes ids.
struct TextCodec {
  const model::Tokenizer& tokenizer;
  model::SpecialTokenIds special;
  std::optional<model::ChatStyle> chat = {};  ///< of conversations; nothing: unknown
  bool deidentify = false;                    ///< what identifies patients is masked first
};

/// Reads, tokenises and cuts. A text is [bos] + text + [eos] (where the model has these); a prompt
/// and its completion are tokenised apart, then joined; a conversation is in the model's chat
/// format. A sequence has at most max_note_tokens and `max_context` tokens, a unit at most
/// max_patient_tokens. With training.loss = completion only completions and the assistant's turns
/// are learned, and texts whole. Held-out sequences stop at `eval_capacity_tokens`. Errors: those
/// of read_notes and render_chat; unsupported (a conversation without a chat format); out_of_range
/// (an empty split).
Result<HospitalData> load_hospital_data(const std::filesystem::path& notes, TextCodec codec,
                                        const TrainingConfig& training, PrivacyUnit unit,
                                        std::size_t max_context, std::size_t eval_capacity_tokens);

/// The same of notes that were read already; `name` is what errors call them.
Result<HospitalData> make_hospital_data(notes::NoteFile file, const std::string& name,
                                        TextCodec codec, const TrainingConfig& training,
                                        PrivacyUnit unit, std::size_t max_context,
                                        std::size_t eval_capacity_tokens);

/// The held-out patients as units, cut as those that are trained on: what an audit compares them
/// with. Errors: those of make_hospital_data.
Result<std::vector<DataUnit>> heldout_units(notes::NoteFile file, TextCodec codec,
                                            const TrainingConfig& training, PrivacyUnit unit,
                                            std::size_t max_context);

/// All notes of one split as sequences, in the order of the file; also those that nothing could be
/// learned from.
struct NoteSequences {
  std::vector<TokenSequence> sequences;
  Hash256 fingerprint;        ///< of these patients and texts; that of the training data for train
  std::size_t truncated = 0;  ///< notes longer than max_tokens
  std::size_t invalid_utf8_lines = 0;
};

/// For uses of notes that are no training. Errors: those of read_notes and render_chat; unsupported
/// (a conversation without a chat format); out_of_range (no note of the split).
Result<NoteSequences> load_note_sequences(const std::filesystem::path& notes, TextCodec codec,
                                          notes::Split split, std::size_t max_tokens);

}  // namespace hippocrypt::federation
