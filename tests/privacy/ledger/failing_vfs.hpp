#pragma once
// A file system for SQLite that dies at a chosen call: by kill -9, or as by a power cut, where
// everything that was not flushed is gone too. For child processes only.

#include <cstdint>
#include <string>
#include <vector>

namespace hippocrypt::privacy {

enum class Death : std::uint8_t {
  killed,       ///< before the call; what earlier calls wrote stays
  killed_half,  ///< the same, but the first half of a write is done
  power_cut,    ///< before the call; writes since the file's last flush are undone
};

struct FailingVfs {
  /// Becomes the default of databases that are opened from now on in this process.
  static void install();
  /// Counts calls that change a file or lock one, from 0 on; dies at call `at`.
  static void arm(std::uint64_t at, Death death);
  /// Dies now.
  [[noreturn]] static void die(Death death);
  /// "write wal", "sync wal", "lock shm" ... since arm().
  static const std::vector<std::string>& calls();
};

}  // namespace hippocrypt::privacy
