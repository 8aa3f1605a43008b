#pragma once
// Text from other programs is not always UTF-8, as when a hospital's export is Latin-1.

#include <cstddef>
#include <string>
#include <string_view>

namespace hippocrypt::notes {

/// Text that is UTF-8, and how many sequences were replaced to make it so.
struct Utf8Text {
  std::string text;
  std::size_t replaced = 0;
};

/// `bytes` with every ill-formed sequence replaced by U+FFFD: one for each maximal part of a valid
/// sequence, otherwise one for each byte (Unicode 15, section 3.9, table 3-8). Overlong forms,
/// surrogates and code points beyond U+10FFFF are ill-formed. At most three times as long.
Utf8Text replace_invalid_utf8(std::string_view bytes);

}  // namespace hippocrypt::notes
