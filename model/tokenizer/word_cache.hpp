#pragma once
// Remembers where in its output an encoding has put the tokens of a word.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/tokenizer/token_index.hpp"

namespace hippocrypt::model {

/// Of one encoding: the words' text must outlive it. A word that falls on another's place replaces
/// it, so that the size is bounded and no time is lost on words that come once.
class WordCache {
 public:
  struct Entry {
    const char* text = nullptr;
    std::uint32_t size = 0;              ///< bytes
    std::uint32_t first = 0, count = 0;  ///< of the output's tokens
    bool holds(std::string_view word) const {
      return text != nullptr && std::string_view{text, size} == word;
    }
  };

  explicit WordCache(std::size_t text_bytes)
      : entries_(std::bit_ceil(std::clamp<std::size_t>(text_bytes / 4, 16, 1u << 15))) {}

  /// The place of a word, which holds it or another.
  Entry& at(std::string_view word) { return entries_[hash_bytes(word) & (entries_.size() - 1)]; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace hippocrypt::model
