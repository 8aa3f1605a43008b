#pragma once
// Text as the rules see it, with the way back to the bytes that it stems from.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hippocrypt::privacy {

/// `text` after: compatibility decomposition without marks (full-width digits, ligatures, accents),
/// every dash as '-', every quotation mark as ' or ", every blank as ' ', without zero-width and
/// soft-hyphen characters; a CR without LF is a
/// line end. A byte that is not UTF-8 becomes '?'. Letters without an
/// ASCII form stay. At most 12 times as long as what it was made of.
struct NormalizedText {
  std::string text;
  /// text.size() + 1 offsets: text[i] stems from the character at source[i]; the last is the size
  /// of the original.
  std::vector<std::uint32_t> source;
};

/// `original` has at most 2^32 - 1 bytes.
NormalizedText normalize(std::string_view original);

}  // namespace hippocrypt::privacy
