#pragma once
// Byte-pair encoding (Sennrich et al. 2016) as published vocabularies want it: byte-level, or
// SentencePiece with byte fallback. Any bytes in, the same bytes out, with the exceptions below.
// Control tokens ("special") have no text: encode finds none unless told to, so that a note that
// contains "<|eos|>" cannot end a sequence, and decode leaves them out unless told to.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/tokenizer/tokenizer_parts.hpp"

namespace hippocrypt::model {

/// The longest text that encode takes at once; it needs up to 40 times the text's memory.
inline constexpr std::size_t max_text_bytes = std::size_t{64} << 20;

/// Bytes [begin, end) of a text.
struct ByteRange {
  std::size_t begin = 0, end = 0;
};

struct EncodeOptions {
  bool parse_special = false;  ///< the names of special tokens in the text are those tokens
  bool add_special = false;    ///< round the ids, what the file's template says: BOS, EOS
  /// In order: where the names of special tokens are plain text all the same.
  std::span<const ByteRange> plain_ranges{};
};

struct DecodeOptions {
  bool keep_special = false;  ///< special tokens by their names
  bool continues = false;     ///< text comes before, so a dummy prefix is a real space
};

/// Checked and immutable; const is safe from several threads. Copies share the tables.
class Tokenizer {
 public:
  /// Errors: malformed (a merge's part or result, a byte of printable ASCII, a SentencePiece byte
  /// or its space without a token; a token, merge or special token twice; an id outside; a special
  /// token that text could give or that is empty or not UTF-8; scores of another number than the
  /// tokens, or not finite), limit_exceeded (max_vocab_size, max_merges, max_token_bytes).
  static Result<Tokenizer> create(TokenizerParts parts);

  /// The ids of any bytes. decode(encode(text)) is text, except that bytes of missing_bytes() are
  /// lost; that text comes back in NFC where parts().normalize_nfc; that SentencePiece vocabularies
  /// take U+2581 for a space, and keep the space that they put before a stretch of text after a
  /// special token, or lose one at the start where they put none (DummyPrefix). Errors:
  /// limit_exceeded (longer than max_text_bytes; PatternLimits).
  Result<std::vector<TokenId>> encode(std::string_view text, EncodeOptions options = {}) const;
  /// The bytes of the ids. Errors: out_of_range (an id outside the vocabulary).
  Result<std::string> decode(std::span<const TokenId> ids, DecodeOptions options = {}) const;

  /// Special tokens included; every id is below it.
  std::size_t vocab_size() const { return parts().tokens.size(); }
  /// The id of the special token of that name, if there is one.
  std::optional<TokenId> special(std::string_view content) const;
  bool is_special(TokenId id) const;
  /// Byte values that no token has; published vocabularies lack some that their training texts did
  /// not have. They are left out of what is encoded, as the programs that made them do.
  std::vector<std::uint8_t> missing_bytes() const;
  std::optional<TokenId> bos() const { return parts().bos; }
  std::optional<TokenId> eos() const { return parts().eos; }
  const TokenizerParts& parts() const;
  /// parts().merges, or those that parts().scores stand for.
  std::vector<TokenPair> merges_in_order() const;

 private:
  struct Tables;
  class Encoder;
  class Stretches;
  explicit Tokenizer(std::shared_ptr<const Tables> tables) : tables_{std::move(tables)} {}

  std::shared_ptr<const Tables> tables_;
};

}  // namespace hippocrypt::model
