#include "base/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace hippocrypt {
namespace {

/// 0, or what flock(2) says went wrong.
int lock(int file, int how) {
  int result = 0;
  do {
    result = ::flock(file, how);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

Result<std::unique_ptr<Descriptor>> open_lock(const std::filesystem::path& path) {
  std::error_code failure;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failure);
  if (failure) {
    return Error{Errc::io, path.parent_path().string() + ": cannot create: " + failure.message()};
  }
  auto file =
      std::make_unique<Descriptor>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file->get() >= 0) return file;
  return Error{Errc::io, path.string() + ": cannot lock: " + std::strerror(errno)};
}

Error failure_of(const std::filesystem::path& path, int error) {
  if (error == EWOULDBLOCK) return {Errc::unavailable, path.string() + " is held by another"};
  return {Errc::io, path.string() + ": cannot lock: " + std::strerror(error)};
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(auto file, open_lock(path));
  if (const int error = lock(file->get(), LOCK_EX); error != 0) return failure_of(path, error);
  return FileLock{std::move(file)};
}

Result<FileLock> FileLock::try_take(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(auto file, open_lock(path));
  const int error = lock(file->get(), LOCK_EX | LOCK_NB);
  if (error != 0) return failure_of(path, error);
  return FileLock{std::move(file)};
}

bool FileLock::is_held(const std::filesystem::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  return file.get() >= 0 && lock(file.get(), LOCK_SH | LOCK_NB) == EWOULDBLOCK;
}

}  // namespace hippocrypt
