#pragma once
// The text side of a GGUF file.

#include "base/result.hpp"
#include "model/files/gguf/gguf_file.hpp"
#include "model/files/hf_model.hpp"
#include "model/tokenizer/gguf_vocabulary.hpp"

namespace hippocrypt::model {

/// The vocabulary as it lies in the metadata, unchecked but bounded. Errors: malformed (no tokens,
/// a key of another type), limit_exceeded (more than max_vocab_size tokens or max_merges merges).
Result<GgufVocabulary> read_gguf_vocabulary(const GgufFile& file);

/// Tokens that begin and end a sequence.
SpecialTokenIds special_tokens_of(const GgufVocabulary& vocabulary);

}  // namespace hippocrypt::model
