#pragma once
// A lock between processes: an advisory flock(2) on a file of its own.

#include <filesystem>
#include <memory>

#include "base/descriptor.hpp"
#include "base/result.hpp"

namespace hippocrypt {

/// Held as long as it lives; the system drops it when the process dies. The file stays.
class FileLock {
 public:
  /// Waits for the lock. Creates the file and its folder. Errors: io.
  static Result<FileLock> take(const std::filesystem::path& path);
  /// Does not wait. Errors also: unavailable (another holds it).
  static Result<FileLock> try_take(const std::filesystem::path& path);
  /// Whether anybody holds it at this moment. Creates nothing; what cannot be read is not held.
  static bool is_held(const std::filesystem::path& path);

 private:
  explicit FileLock(std::unique_ptr<Descriptor> file) : file_{std::move(file)} {}
  std::unique_ptr<Descriptor> file_;
};

}  // namespace hippocrypt
