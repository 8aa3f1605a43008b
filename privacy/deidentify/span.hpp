#pragma once
// A stretch of text that identifies somebody.

#include <cstddef>
#include <string_view>
#include <vector>

#include "privacy/deidentify/category.hpp"

namespace hippocrypt::privacy {

/// Bytes [begin, end) of the text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  Category category = Category::other;
  double score = 0;            ///< from 0 to 1
  std::string_view rule = {};  ///< which found it; a literal

  std::size_t size() const { return end - begin; }
};

}  // namespace hippocrypt::privacy
