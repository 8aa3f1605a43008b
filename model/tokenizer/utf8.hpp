#pragma once
// Which stretches of a byte string are UTF-8.

#include <cstddef>
#include <string_view>

namespace hippocrypt::model {

/// Length in bytes of the well-formed UTF-8 sequence at the start of `text`, or 0 when there is
/// none (empty, cut off, overlong, a surrogate, above U+10FFFF). Source: Unicode 15, table 3-7.
std::size_t utf8_sequence_size(std::string_view text);

/// Bytes of well-formed UTF-8 at the start of `text`.
std::size_t valid_utf8_prefix(std::string_view text);

/// Bytes at the end of `text`, at most 3, that begin a UTF-8 sequence and may still be completed.
std::size_t unfinished_utf8_suffix(std::string_view text);

}  // namespace hippocrypt::model
