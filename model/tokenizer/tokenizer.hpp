#pragma once
// Byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019, section 2.2): any bytes
// in, the same bytes out. Special tokens are ids without text: no text encodes to them, so that a
// note that contains "<|eos|>" cannot end a sequence, and decoding leaves them out.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "model/tokenizer/merge_table.hpp"
#include "model/tokenizer/pretokenizer.hpp"

namespace hippocrypt::model {

inline constexpr std::size_t max_vocab_size = std::size_t{1} << 20;
inline constexpr std::size_t max_merges = std::size_t{1} << 20;
inline constexpr std::size_t max_token_bytes = 1024;
/// The longest text that encode takes at once; it needs up to 20 times the text's memory.
inline constexpr std::size_t max_text_bytes = std::size_t{64} << 20;

/// Unchecked parts, as a file or training gives them.
struct TokenizerParts {
  struct Special {
    TokenId id = 0;
    std::string content;  ///< its name in files, such as "<|eos|>"; UTF-8
  };
  /// The bytes of the token with each id; empty for special tokens.
  std::vector<std::string> tokens;
  std::vector<Special> specials;
  /// In order of rank. The result of a pair is the token with the bytes of both.
  std::vector<TokenPair> merges;
};

/// Checked and immutable; const is safe from several threads.
class Tokenizer {
 public:
  /// Errors: malformed (a byte value, or a merge's part or result, without a token; a token, merge
  /// or special token twice; an id outside; a special token that text could give or that is empty
  /// or not UTF-8), limit_exceeded (max_vocab_size, max_merges, max_token_bytes).
  static Result<Tokenizer> create(TokenizerParts parts);

  /// The ids of any bytes; none of them is special and nothing is added. Errors: limit_exceeded
  /// (longer than max_text_bytes).
  Result<std::vector<TokenId>> encode(std::string_view text) const;
  /// The bytes of the ids, special tokens left out; decode(encode(text)) is text. Errors:
  /// out_of_range (an id outside the vocabulary).
  Result<std::string> decode(std::span<const TokenId> ids) const;

  /// Special tokens included; every id is below it.
  std::size_t vocab_size() const { return parts_.tokens.size(); }
  /// The id of the special token of that name, if there is one.
  std::optional<TokenId> special(std::string_view content) const;
  bool is_special(TokenId id) const;
  const TokenizerParts& parts() const { return parts_; }

 private:
  explicit Tokenizer(TokenizerParts parts) : parts_{std::move(parts)} {}
  /// Views of parts_.tokens, needed while a tokenizer is made.
  using IdOfToken = std::unordered_map<std::string_view, TokenId>;
  Status index_specials();
  Result<IdOfToken> index_tokens();
  Status check_name_space(const IdOfToken& id_of_token) const;
  Status index_merges(const IdOfToken& id_of_token);

  TokenizerParts parts_;
  std::vector<bool> is_special_;
  std::array<TokenId, 256> id_of_byte_{};
  MergeTable merges_;
  Pretokenizer pretokenizer_;
};

}  // namespace hippocrypt::model
