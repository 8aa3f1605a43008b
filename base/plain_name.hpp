#pragma once
// Names of runs, hospitals, federations: they become folders and parts of certificates.

#include <cstddef>
#include <string_view>

namespace hippocrypt {

/// Longest plain name, bytes.
inline constexpr std::size_t max_plain_name_bytes = 64;

/// Letters, digits, '-', '_' and '.', at least one and no dot first; at most max_plain_name_bytes.
bool is_plain_name(std::string_view name);

}  // namespace hippocrypt
