#include "base/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/descriptor.hpp"

namespace hippocrypt {
namespace {

Error os_error(const std::filesystem::path& path, const char* what) {
  return {Errc::io, path.string() + ": cannot " + what + ": " + std::strerror(errno)};
}

}  // namespace

Result<bool> create_secret_file(const std::filesystem::path& path, ByteView secret) {
  // Written under another name and linked into place: unlike rename() that replaces nothing.
  std::string temporary = path.string() + ".new-XXXXXX";
  const Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};  // mode 0600
  if (file.get() < 0) return os_error(path, "create");
  Status written;
  bool is_new = false;
  if (!write_all(file.get(), secret) || ::fsync(file.get()) != 0) {
    written = os_error(path, "write");
  } else if (::link(temporary.c_str(), path.c_str()) == 0) {
    is_new = true;
  } else if (errno != EEXIST) {
    written = os_error(path, "create");
  }
  ::unlink(temporary.c_str());
  HIPPOCRYPT_TRY_VOID(std::move(written));
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  if (!sync_folder(folder)) return os_error(folder, "sync");
  return is_new;
}

Status destroy_secret_file(const std::filesystem::path& path) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (file.get() < 0 && errno == ENOENT) return {};
  struct ::stat information {};
  if (file.get() < 0 || ::fstat(file.get(), &information) != 0) return os_error(path, "open");
  const Bytes zeros(static_cast<std::size_t>(information.st_size));
  if (!write_all(file.get(), zeros) || ::fsync(file.get()) != 0) return os_error(path, "overwrite");
  if (::unlink(path.c_str()) != 0) return os_error(path, "remove");
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  if (!sync_folder(folder)) return os_error(folder, "sync");
  return {};
}

Result<bool> is_open_to_others(const std::filesystem::path& path) {
  struct ::stat information {};
  if (::stat(path.c_str(), &information) != 0) return os_error(path, "examine");
  return (information.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

}  // namespace hippocrypt
