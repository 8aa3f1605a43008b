#pragma once
// Notes as token ids by themselves, for commands that need no model.

#include <span>
#include <vector>

#include "base/result.hpp"
#include "model/tokenizer/tokenizer.hpp"
#include "notes/note.hpp"

namespace hippocrypt::cli {

using NoteTokens = std::vector<std::uint32_t>;

/// BOS, the note's whole text, EOS, where the tokenizer names these or has "<|bos|>" and "<|eos|>".
/// Errors: those of Tokenizer::encode.
Result<NoteTokens> note_tokens(const model::Tokenizer& tokenizer, const notes::Note& note);

/// All special ids, ascending.
std::vector<std::uint32_t> special_ids(const model::Tokenizer& tokenizer);

/// How often each id occurs in the notes; (vocabulary). Errors: those of note_tokens.
Result<std::vector<std::uint64_t>> token_frequencies(const model::Tokenizer& tokenizer,
                                                     std::span<const notes::Note> notes);

}  // namespace hippocrypt::cli
