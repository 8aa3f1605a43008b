#pragma once
// "Did you mean": the nearest of the allowed words.

#include <span>
#include <string>
#include <string_view>

namespace hippocrypt::cli {

/// Insertions, deletions, replacements and swaps of neighbours that turn `from` into `to` (optimal
/// string alignment; time and memory from.size()·to.size()).
std::size_t edit_distance(std::string_view from, std::string_view to);

/// The word of `known` nearest to `word`, or "" if none is near enough to be a slip of the fingers.
std::string nearest(std::string_view word, std::span<const std::string> known);

/// "a, b or c"; `last` is "and" or "or".
std::string word_list(std::span<const std::string> words, std::string_view last);

}  // namespace hippocrypt::cli
