#include "base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/descriptor.hpp"

namespace hippocrypt {
namespace {

Error os_error(const std::filesystem::path& path, const char* what) {
  return Error{errno == ENOENT ? Errc::not_found : Errc::io,
               path.string() + ": cannot " + what + ": " + std::strerror(errno)};
}

Status write_all(int fd, ByteView bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return os_error(path, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return os_error(path, "sync");
  return {};
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    return Error{Errc::io, path.string() + ": is a folder; a file is needed"};
  }
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) {
    const bool missing = failure == std::errc::no_such_file_or_directory;
    return Error{missing ? Errc::not_found : Errc::io,
                 path.string() + ": cannot open: " + failure.message()};
  }
  if (size > limit_bytes) {
    return Error{Errc::limit_exceeded, path.string() + ": " + std::to_string(size) +
                                           " bytes; at most " + std::to_string(limit_bytes)};
  }
  std::ifstream in{path, std::ios::binary};
  Bytes bytes(size);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    return Error{Errc::io, path.string() + ": cannot read"};
  }
  return bytes;
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(path, limit_bytes));
  return std::string(bytes.begin(), bytes.end());
}

Status write_file_atomically(const std::filesystem::path& path, ByteView bytes) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return Error{Errc::io, folder.string() + ": cannot create: " + failure.message()};
  const auto temporary = path.string() + ".tmp." + std::to_string(::getpid());
  {
    const Descriptor file{
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.get() < 0) return os_error(temporary, "create");
    HIPPOCRYPT_TRY_VOID(write_all(file.get(), bytes, temporary));
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return os_error(path, "replace");
  const Descriptor directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return os_error(folder, "sync");
  return {};
}

}  // namespace hippocrypt
