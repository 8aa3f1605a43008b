#pragma once
// tokenizer.json in the layout of Hugging Face's tokenizers library, for byte-level BPE and for
// SentencePiece BPE.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::model {

/// Llama 3's tokenizer.json, of 128,000 tokens, has 17 MB.
inline constexpr std::size_t max_tokenizer_json_bytes = std::size_t{32} << 20;

/// Reads the text of a tokenizer.json; `source` names it in errors. Merges may be "a b" or
/// ["a", "b"]. A special token is found in the text as given, whatever its "normalized" says. Takes
/// the text's size and at most 64 MiB. Errors: malformed, limit_exceeded (Tokenizer::create's
/// limits, JSON too deep or with too many values, text longer than max_tokenizer_json_bytes),
/// unsupported (another kind of model, normaliser, pre-tokenizer, decoder or post-processor, which
/// it names; added tokens that take white space with them).
Result<Tokenizer> parse_tokenizer_json(std::string_view text, const std::string& source);

/// The same from a file. Errors: also not_found, io.
Result<Tokenizer> read_tokenizer_json(const std::filesystem::path& path);

/// The tokenizer.json; equal tokenizers give equal text, and reading it gives a tokenizer that
/// encodes and decodes alike. Scores become merges; of merges with the same score those of the
/// shorter first part come first, as the format wants an order.
std::string render_tokenizer_json(const Tokenizer& tokenizer);

/// The same into a file, atomically. Errors: io.
Status write_tokenizer_json(const Tokenizer& tokenizer, const std::filesystem::path& path);

}  // namespace hippocrypt::model
