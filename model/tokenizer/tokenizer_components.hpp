#pragma once
// The components of a tokenizer.json that say how text is treated before and after merging.

#include "base/result.hpp"
#include "model/files/json.hpp"
#include "model/tokenizer/tokenizer_parts.hpp"

namespace hippocrypt::model {

/// "X is not supported; …" with what is.
Error unsupported_tokenizer(const std::string& source, const std::string& what);

/// Sets `parts`' kind, split, normalize_nfc, ignore_merges, dummy_prefix, prefix and suffix from
/// the file `root`. Refuses whatever would make encode or decode do something else than what they
/// do. Errors: malformed, unsupported (a model, normaliser, pre-tokenizer, decoder or
/// post-processor that it names).
Status read_components(const JsonObject& root, TokenizerParts& parts);

}  // namespace hippocrypt::model
