#pragma once
// What a reader says of a file that another release wrote.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace hippocrypt {

/// The versions of one format that this program reads.
struct KnownVersions {
  std::uint64_t oldest, newest;
};

/// Whether `found` is one of them. Errors: unsupported, in one sentence that names `what`, both
/// versions and the way out.
Status check_version(std::string_view what, std::uint64_t found, KnownVersions known);
/// Where there has only been one.
inline Status check_version(std::string_view what, std::uint64_t found, std::uint64_t known) {
  return check_version(what, found, {known, known});
}

/// The number that a file's first line names, where the line is `start` and a number.
std::optional<std::uint64_t> version_in_line(std::string_view line, std::string_view start);

}  // namespace hippocrypt
