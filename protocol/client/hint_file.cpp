#include "protocol/client/hint_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/shared_bytes.hpp"
#include "crypto/core/lane_polys.hpp"

namespace hippocrypt::protocol {
namespace {

constexpr std::uint64_t unit_bytes = crypto::lanes * sizeof(std::uint32_t);

Error os_error(const std::filesystem::path& path, const char* what) {
  return {Errc::io, path.string() + ": cannot " + what + ": " + std::strerror(errno)};
}

}  // namespace

std::filesystem::path growing_name(const std::filesystem::path& path) {
  return path.string() + ".part";
}

std::uint64_t words_left(const std::filesystem::path& path, std::uint64_t words) {
  std::error_code none;
  const auto bytes = std::filesystem::file_size(growing_name(path), none);
  if (none) return 0;
  const std::uint64_t there = bytes / unit_bytes * crypto::lanes;
  return there <= words ? there : 0;
}

Result<GrowingHintFile> GrowingHintFile::open(const std::filesystem::path& path,
                                              std::uint64_t words) {
  const auto name = growing_name(path);
  auto file = std::make_unique<Descriptor>(
      ::open(name.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (file->get() < 0) return os_error(name, "open");
  GrowingHintFile out{path, std::move(file)};
  HIPPOCRYPT_TRY_VOID(out.keep(words_left(path, words)));
  return out;
}

/// Goes on behind the first `words` words.
Status GrowingHintFile::keep(std::uint64_t words) {
  const auto name = growing_name(path_);
  const auto bytes = static_cast<std::size_t>(words * sizeof(std::uint32_t));
  if (::ftruncate(file_->get(), static_cast<off_t>(bytes)) != 0) return os_error(name, "shorten");
  HIPPOCRYPT_TRY(const SharedBytes kept, map_file(name, bytes));
  hash_.add(*kept);
  size_ = words;
  return Ok{};
}

Status GrowingHintFile::append(std::span<const std::uint32_t> words) {
  const ByteView bytes{reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()};
  if (!write_all(file_->get(), bytes)) return os_error(growing_name(path_), "write");
  hash_.add(bytes);
  size_ += words.size();
  return Ok{};
}

Status GrowingHintFile::finish(const Hash256& wanted) {
  const auto name = growing_name(path_);
  if (hash_.finish() != wanted) {
    ::unlink(name.c_str());
    return Error{Errc::mismatch,
                 "the hints that the server sent do not have the hash that its table states"};
  }
  const bool written = ::fsync(file_->get()) == 0 && ::rename(name.c_str(), path_.c_str()) == 0 &&
                       sync_folder(path_.parent_path());
  if (written) return Ok{};
  return os_error(path_, "finish");
}

}  // namespace hippocrypt::protocol
