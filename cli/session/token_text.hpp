#pragma once
// Tokens as text for people, one at a time or all at once.

#include <cstdint>
#include <span>
#include <string>

#include "model/inference/utf8_gate.hpp"
#include "model/tokenizer/stream_decoder.hpp"

namespace hippocrypt::cli {

/// What comes of tokens that continue a text, one by one, in whole characters. Special tokens have
/// no text. The tokens must be the tokenizer's.
class TokenText {
 public:
  explicit TokenText(const model::Tokenizer& tokenizer)
      : decoder_{tokenizer, {.continues = true}} {}
  std::string push(std::uint32_t token);
  std::string finish();

 private:
  model::StreamDecoder decoder_;
  model::Utf8Gate gate_;  ///< bytes that are no text may not reach a terminal either
};

/// All of them.
std::string text_of(const model::Tokenizer& tokenizer, std::span<const std::uint32_t> tokens);

}  // namespace hippocrypt::cli
