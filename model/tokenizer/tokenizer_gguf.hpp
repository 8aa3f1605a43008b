#pragma once
// A tokenizer of the vocabulary in a GGUF file.

#include <string>

#include "base/result.hpp"
#include "model/tokenizer/gguf_vocabulary.hpp"
#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::model {

/// `source` names the file in errors. What a file leaves out is as llama.cpp takes it:
/// SentencePiece adds BOS (id 1) and the dummy prefix, Llama 3 adds BOS. GGUF does not say that
/// Qwen2's text is to be in NFC; we take it in NFC, as the vocabulary was made. Errors: unsupported
/// (another model or pre-tokenizer, which it names), malformed (arrays of different lengths, an
/// unknown token type, a token or merge that is not spelled as it must be; what Tokenizer::create
/// refuses), limit_exceeded.
Result<Tokenizer> tokenizer_from_gguf(GgufVocabulary vocabulary, const std::string& source);

}  // namespace hippocrypt::model
