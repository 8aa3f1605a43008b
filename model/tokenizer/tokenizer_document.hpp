#pragma once
// The text of a tokenizer.json, taken apart in little memory: the vocabulary and the merges, which
// are nearly all of it, never become JSON values.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/files/json.hpp"
#include "model/tokenizer/token_index.hpp"

namespace hippocrypt::model {

struct TokenizerDocument {
  /// The file; "model" without its "vocab" and "merges".
  Json rest;
  /// The tokens as they are spelled, by id; empty: no token has the id.
  std::vector<std::string> spellings;
  TokenIndex ids;  ///< of spellings
  std::vector<TokenPair> merges;

  std::optional<TokenId> find(std::string_view spelling) const {
    return ids.find(spellings, spelling);
  }
};

/// Merges may be "a b" or ["a", "b"]. Takes at most the text's size and about 40 MiB. Errors:
/// malformed (not JSON; a key, token or id twice; an id, merge or part of one that cannot be),
/// limit_exceeded (max_merges, depth, long strings, too many values in the rest).
Result<TokenizerDocument> parse_tokenizer_document(std::string_view text,
                                                   const std::string& source);

}  // namespace hippocrypt::model
