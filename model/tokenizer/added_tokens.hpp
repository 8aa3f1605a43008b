#pragma once
// Finds whole tokens, such as "<|im_start|>", in a text before it is divided into words.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/token_index.hpp"
#include "model/tokenizer/tokenizer_parts.hpp"

namespace hippocrypt::model {

class AddedTokens {
 public:
  /// The contents must be distinct and not empty.
  explicit AddedTokens(std::span<const TokenizerParts::Special> tokens = {});

  struct Found {
    std::size_t at = 0;    ///< the text's size when there is none
    std::size_t size = 0;  ///< bytes
    TokenId id = 0;
  };
  /// The leftmost token in `text` from `start` on, of several there the longest.
  Found find(std::string_view text, std::size_t start) const;

 private:
  std::vector<std::string> contents_;
  std::vector<TokenId> ids_;
  TokenIndex index_;  ///< positions in contents_
  /// The sizes of the tokens that begin with each byte, longest first.
  std::array<std::vector<std::uint32_t>, 256> sizes_;
};

}  // namespace hippocrypt::model
