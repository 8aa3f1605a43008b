#pragma once
// Files that hold a secret.

#include <filesystem>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt {

/// Puts `secret` at `path`, readable by its owner only and synced: the whole file or none, even if
/// two programs do it at once. False if something was there already, which stays. Errors: io.
Result<bool> create_secret_file(const std::filesystem::path& path, ByteView secret);

/// Overwrites the file, syncs that and removes it; what a disk or file system keeps of old blocks
/// is beyond reach. A file that is not there is destroyed already. Errors: io.
Status destroy_secret_file(const std::filesystem::path& path);

/// Whether others than its owner may read, write or run the file. Errors: io.
Result<bool> is_open_to_others(const std::filesystem::path& path);

}  // namespace hippocrypt
