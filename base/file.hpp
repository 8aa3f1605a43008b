#pragma once
// Whole-file reading with a stated limit, and atomic durable writing.

#include <filesystem>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt {

/// The file's bytes. Errors: not_found, io, limit_exceeded (larger than `limit_bytes`).
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit_bytes);
/// The same as text.
Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t limit_bytes);
/// Writes a temporary file beside `path`, syncs it, renames it over `path` and syncs the folder, so
/// that a crash leaves the old or the new file, never a part. Creates missing folders. Errors: io.
Status write_file_atomically(const std::filesystem::path& path, ByteView bytes);

/// The same for a file that is larger than memory should hold: appended to in pieces, and there
/// only once commit() has succeeded. Without commit() nothing is left behind.
class AtomicFile {
 public:
  /// Creates missing folders. Errors: io.
  static Result<AtomicFile> create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  /// Errors: io.
  Status append(ByteView bytes);
  /// Syncs and renames; the last call. Errors: io.
  Status commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
      : path_{std::move(path)}, temporary_{std::move(temporary)}, fd_{fd} {}
  std::filesystem::path path_, temporary_;
  int fd_;  ///< -1 once committed or moved from
};

}  // namespace hippocrypt
