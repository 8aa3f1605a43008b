#pragma once
// Bytes and durations as people read them.

#include <string>

namespace hippocrypt::cli {

/// "950 B", "21.3 MB": three digits, powers of 1000.
std::string bytes_text(double bytes);
/// "0.42 s", "3 m 58 s", "2 h 05 m"; "-" for a number that is not finite.
std::string duration_text(double seconds);

}  // namespace hippocrypt::cli
