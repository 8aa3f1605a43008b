#include "model/tokenizer/added_tokens.hpp"

#include <algorithm>
#include <functional>

namespace hippocrypt::model {

AddedTokens::AddedTokens(std::span<const TokenizerParts::Special> tokens) : index_{tokens.size()} {
  for (const TokenizerParts::Special& token : tokens) {
    contents_.push_back(token.content);
    ids_.push_back(token.id);
    sizes_[static_cast<std::uint8_t>(token.content.front())].push_back(
        static_cast<std::uint32_t>(token.content.size()));
  }
  for (TokenId i = 0; i < contents_.size(); ++i) index_.add(contents_, i);
  for (auto& sizes : sizes_) {
    std::sort(sizes.begin(), sizes.end(), std::greater<>{});
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  }
}

AddedTokens::Found AddedTokens::find(std::string_view text, std::size_t start) const {
  if (contents_.empty()) return {text.size()};
  for (std::size_t at = start; at < text.size(); ++at) {
    for (const std::uint32_t size : sizes_[static_cast<std::uint8_t>(text[at])]) {
      if (text.size() - at < size) continue;
      if (const auto found = index_.find(contents_, text.substr(at, size))) {
        return {at, size, ids_[*found]};
      }
    }
  }
  return {text.size()};
}

}  // namespace hippocrypt::model
