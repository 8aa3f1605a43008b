#pragma once
// Inside of Tokenizer: one call of encode.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/tokenizer_tables.hpp"
#include "model/tokenizer/word_cache.hpp"

namespace hippocrypt::model {

class Tokenizer::Encoder {
 public:
  /// The tables must outlive it; the texts of its stretches too.
  Encoder(const Tables& tables, std::size_t text_bytes);

  void append(std::span<const TokenId> ids) { ids_.insert(ids_.end(), ids.begin(), ids.end()); }
  /// A stretch of text between added or special tokens; `at_start`: of the whole text. Errors:
  /// limit_exceeded (PatternLimits).
  Status append_stretch(std::string_view text, bool at_start);
  std::vector<TokenId> take() && { return std::move(ids_); }

 private:
  Status append_byte_level(std::string_view text);
  void append_sentencepiece(std::string_view text, bool at_start);
  void append_word(std::string_view word);
  /// Merges symbols_ and the word's.
  void append_symbols_and(std::string_view word);

  const Tables& tables_;
  std::vector<TokenId> ids_;
  std::vector<TokenId> symbols_;  ///< of the word at hand
  WordCache cache_;
  std::deque<std::string> normalized_;  ///< texts that the cache refers to
};

}  // namespace hippocrypt::model
