#pragma once
// The patterns of pretokenizer.hpp by hand, for words that ASCII alone decides: most words of most
// texts, ten times as fast as a regular expression. The expressions remain the definition.

#include <cstddef>
#include <string_view>

#include "model/tokenizer/pretokenizer.hpp"

namespace hippocrypt::model {

/// Length in bytes of the first word of `text`, which is not empty; 0 when a byte that is not ASCII
/// would have to be looked at.
std::size_t first_ascii_word(SplitPattern pattern, std::string_view text);

}  // namespace hippocrypt::model
