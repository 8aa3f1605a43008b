#include "base/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace hippocrypt {

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
  std::error_code failure;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failure);
  if (failure) {
    return Error{Errc::io, path.parent_path().string() + ": cannot create: " + failure.message()};
  }
  auto file =
      std::make_unique<Descriptor>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  int result = file->get() < 0 ? -1 : ::flock(file->get(), LOCK_EX);
  while (result != 0 && errno == EINTR) result = ::flock(file->get(), LOCK_EX);
  if (result != 0) {
    return Error{Errc::io, path.string() + ": cannot lock: " + std::strerror(errno)};
  }
  return FileLock{std::move(file)};
}

}  // namespace hippocrypt
