#pragma once
// The sentence that a file of another version must get.

#include <cstdint>
#include <string>

namespace hippocrypt::test_support {

/// Of a file that is newer than this program, which reads `ours`, as "version 1" or "versions 1 to
/// 2"; behind the file's name.
inline std::string newer_sentence(std::uint64_t found, const std::string& ours = "version 1") {
  return " is of version " + std::to_string(found) + " and this program reads " + ours +
         "; update this program";
}

}  // namespace hippocrypt::test_support
