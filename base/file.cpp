#include "base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/descriptor.hpp"

namespace hippocrypt {
namespace {

Error os_error(const std::filesystem::path& path, const char* what) {
  return Error{errno == ENOENT ? Errc::not_found : Errc::io,
               path.string() + ": cannot " + what + ": " + std::strerror(errno)};
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
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
  HIPPOCRYPT_TRY(AtomicFile file, AtomicFile::create(path));
  HIPPOCRYPT_TRY_VOID(file.append(bytes));
  return file.commit();
}

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path) {
  const auto folder = folder_of(path);
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return Error{Errc::io, folder.string() + ": cannot create: " + failure.message()};
  const std::string temporary = path.string() + ".tmp." + std::to_string(::getpid());
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return os_error(temporary, "create");
  return AtomicFile{path, temporary, fd};
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_{std::move(other.path_)},
      temporary_{std::move(other.temporary_)},
      fd_{std::exchange(other.fd_, -1)} {}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

Status AtomicFile::append(ByteView bytes) {
  if (!write_all(fd_, bytes)) return os_error(temporary_, "write");
  return {};
}

Status AtomicFile::commit() {
  if (::fsync(fd_) != 0) return os_error(temporary_, "sync");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return os_error(path_, "replace");
  ::close(std::exchange(fd_, -1));
  const auto folder = folder_of(path_);
  if (!sync_folder(folder)) return os_error(folder, "sync");
  return {};
}

}  // namespace hippocrypt
