#pragma once
// Internal to protocol/client: a file of hints that grows as they come in. It is written from its
// start to its end, so that its length says how far it got: whoever is killed goes on from there.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "base/descriptor.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::protocol {

class GrowingHintFile {
 public:
  /// `path` with ".part", where what an earlier process left of at most `words` words is kept.
  /// Errors: io.
  static Result<GrowingHintFile> open(const std::filesystem::path& path, std::uint64_t words);

  /// Words that are there: a multiple of 16.
  std::uint64_t size() const { return size_; }
  /// Errors: io.
  Status append(std::span<const std::uint32_t> words);
  /// Makes it the file `path`, durably; the last call. Errors: io; mismatch (another hash; the file
  /// is removed, so that the next attempt starts afresh).
  Status finish(const Hash256& wanted);

 private:
  GrowingHintFile(std::filesystem::path path, std::unique_ptr<Descriptor> file)
      : path_{std::move(path)}, file_{std::move(file)} {}
  Status keep(std::uint64_t words);

  std::filesystem::path path_;  ///< the finished file's
  std::unique_ptr<Descriptor> file_;
  std::uint64_t size_ = 0;
  Sha256 hash_;
};

/// What GrowingHintFile::open(path, words) finds there: words that an earlier process wrote.
std::uint64_t words_left(const std::filesystem::path& path, std::uint64_t words);

/// What a file is called while it grows.
std::filesystem::path growing_name(const std::filesystem::path& path);

}  // namespace hippocrypt::protocol
