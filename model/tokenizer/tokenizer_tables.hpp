#pragma once
// Inside of Tokenizer: its parts, checked, and what encoding looks up.

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "model/tokenizer/added_tokens.hpp"
#include "model/tokenizer/token_index.hpp"
#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::model {

struct Tokenizer::Tables {
  static constexpr TokenId no_token = UINT32_MAX;

  /// Errors: as Tokenizer::create.
  static Result<std::shared_ptr<const Tables>> create(TokenizerParts parts);

  std::optional<TokenId> find(std::string_view bytes) const {
    return index.find(parts.tokens, bytes);
  }
  /// Appends what a word consists of before anything is merged: bytes, or characters.
  void push_symbols(std::string_view word, std::vector<TokenId>& symbols) const;
  /// The token that the whole word becomes, where that can be told without merging.
  std::optional<TokenId> find_whole(std::string_view word) const {
    const auto id = find(word);
    return id && stands_alone[*id] ? id : std::nullopt;
  }
  /// The name of a special token; empty for other ids.
  std::string_view special_name(TokenId id) const;

  TokenizerParts parts;
  std::vector<bool> is_special;
  std::vector<std::pair<TokenId, std::size_t>> special_places;  ///< in parts.specials, by id
  TokenIndex index;                                             ///< of tokens of text
  std::array<TokenId, 256> id_of_byte{};                        ///< or no_token
  std::array<TokenId, 128> id_of_ascii{};                       ///< sentencepiece: of a character
  MergeTable merges;
  /// Tokens that their own text becomes when it is merged, or when it is not to be.
  std::vector<bool> stands_alone;
  std::optional<Pretokenizer> pretokenizer;  ///< byte_level
  TokenId space = no_token;                  ///< sentencepiece
  /// sentencepiece: no token has a space after another character, so that what is between can be
  /// merged word by word.
  bool spaces_divide = true;
  AddedTokens added;             ///< without the special tokens
  AddedTokens added_or_special;  ///< with them

 private:
  Status check_sizes() const;
  Status index_specials();
  Status index_text();
  Status index_bytes();
  Status check_names() const;
  Status index_merges();
  Status derive_merges();
  void note_what_stands_alone();
  bool is_text(TokenId id) const;
};

}  // namespace hippocrypt::model
