#pragma once
// The data files of this library, compiled in.

#include <algorithm>
#include <string_view>

namespace hippocrypt::privacy {

/// The text of data/deidentify/NAME.txt, or of corpus/NAME.txt for "heldout" and "development". The
/// file must be one of those that CMakeLists.txt lists.
std::string_view embedded_file(std::string_view name);

/// Calls `visit` with each word of `text`; lines from # on are comments.
template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.front() == '#') continue;
    while (!line.empty()) {
      const std::size_t stop = std::min(line.find(' '), line.size());
      if (stop > 0) visit(line.substr(0, stop));
      line.remove_prefix(std::min(stop + 1, line.size()));
    }
  }
}

}  // namespace hippocrypt::privacy
