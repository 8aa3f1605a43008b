#pragma once
// What a tokenizer is made of, unchecked, as a file or training gives it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/tokenizer/merge_table.hpp"
#include "model/tokenizer/pretokenizer.hpp"

namespace hippocrypt::model {

/// Twice the largest vocabulary in use (Gemma: 262,144 tokens, 514,906 merges).
inline constexpr std::size_t max_vocab_size = std::size_t{1} << 19;
inline constexpr std::size_t max_merges = std::size_t{1} << 19;
inline constexpr std::size_t max_token_bytes = 1024;
inline constexpr std::size_t max_special_tokens = std::size_t{1} << 16;  ///< added ones included

enum class TokenizerKind {
  byte_level,     ///< pairs of bytes are merged within words (Radford et al. 2019, section 2.2)
  sentencepiece,  ///< pairs of characters, spaces included (Kudo and Richardson 2018); what the
                  ///< vocabulary lacks becomes one token a byte
};

/// Where a SentencePiece tokenizer puts a space before a stretch of text. The stretches of a text
/// are divided by special tokens.
enum class DummyPrefix {
  none,
  every_stretch,
  every_stretch_without,  ///< unless the stretch begins with a space
  start_without,          ///< only at the start of the text, unless it begins with a space
};

struct TokenizerParts {
  struct Special {
    TokenId id = 0;
    std::string content;  ///< its name in files, such as "<|eos|>"; UTF-8
  };

  TokenizerKind kind = TokenizerKind::byte_level;
  SplitPattern split = SplitPattern::gpt2;  ///< byte_level
  bool normalize_nfc = false;               ///< byte_level
  bool ignore_merges = false;               ///< byte_level: tokens stay whole as words
  DummyPrefix dummy_prefix = DummyPrefix::every_stretch;  ///< sentencepiece

  /// The bytes of the token with each id (of a SentencePiece token with spaces in place of U+2581);
  /// empty for special and unused ones.
  std::vector<std::string> tokens;
  /// Control tokens: without text, found in text only when that is asked for.
  std::vector<Special> specials;
  /// Tokens of text that are found before anything is divided or merged; tokens[id] is `content`.
  std::vector<Special> added;
  std::vector<TokenId> unused;         ///< ids that stand for nothing
  std::vector<TokenId> byte_fallback;  ///< sentencepiece: the tokens of the 256 byte values

  /// In order of rank. The result of a pair is the token with the bytes of both.
  std::vector<TokenPair> merges;
  /// sentencepiece, where `merges` is empty: by id. Any two adjacent tokens that make a token are
  /// merged, those with the highest score of the result first.
  std::vector<float> scores;

  std::vector<TokenId> prefix, suffix;  ///< what the file's template puts round a text
  std::optional<TokenId> bos, eos, unknown, padding;
  std::string chat_template;  ///< the Jinja text of the file, for chat.hpp to recognise
};

}  // namespace hippocrypt::model
