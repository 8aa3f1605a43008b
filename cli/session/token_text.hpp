#pragma once
// Tokens as text for people, one at a time or all at once.

#include <cstdint>
#include <span>
#include <string>

#include "model/inference/utf8_gate.hpp"
#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::cli {

/// What comes of tokens one by one, in whole characters. Special tokens have no text. Tokens must
/// be the tokenizer's, which must outlive this.
class TokenText {
 public:
  explicit TokenText(const model::Tokenizer& tokenizer) : tokenizer_{tokenizer} {}
  std::string push(std::uint32_t token);
  std::string finish() { return gate_.finish(); }

 private:
  const model::Tokenizer& tokenizer_;
  model::Utf8Gate gate_;
};

/// All of them.
std::string text_of(const model::Tokenizer& tokenizer, std::span<const std::uint32_t> tokens);

}  // namespace hippocrypt::cli
