#include "cli/session/token_text.hpp"

namespace hippocrypt::cli {

std::string TokenText::push(std::uint32_t token) { return gate_.push(decoder_.add(token).value()); }

std::string TokenText::finish() { return gate_.push(decoder_.finish()) + gate_.finish(); }

std::string text_of(const model::Tokenizer& tokenizer, std::span<const std::uint32_t> tokens) {
  TokenText text{tokenizer};
  std::string out;
  for (const std::uint32_t token : tokens) out += text.push(token);
  return out + text.finish();
}

}  // namespace hippocrypt::cli
