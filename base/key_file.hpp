#pragma once
// Secret files that hold one key, behind a line that says what it is and in which version:
// "hippocrypt KIND VERSION", then the key's bytes.

#include <filesystem>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace hippocrypt {

/// Puts `key` at `path` as create_secret_file does: false if something was there already, which
/// stays. `kind`: a word or two. Errors: io.
Result<bool> create_key_file(const std::filesystem::path& path, std::string_view kind,
                             const SecretBytes& key);

/// The key of `size_bytes` at `path`; earlier releases wrote some without the line. Errors:
/// not_found, io, malformed (something else), unsupported (another version).
Result<SecretBytes> read_key_file(const std::filesystem::path& path, std::string_view kind,
                                  std::size_t size_bytes);

}  // namespace hippocrypt
