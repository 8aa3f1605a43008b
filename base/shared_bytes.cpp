#include "base/shared_bytes.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor.hpp"

namespace hippocrypt {
namespace {

/// A mapping that removes itself.
struct Mapping {
  void* data;
  std::size_t size_bytes;
  Mapping(void* at, std::size_t size) : data{at}, size_bytes{size} {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { ::munmap(data, size_bytes); }
};

Error cannot_map(const std::filesystem::path& path) {
  return {errno == ENOENT ? Errc::not_found : Errc::io,
          path.string() + ": cannot map: " + std::strerror(errno)};
}

}  // namespace

bool same_bytes(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

Result<SharedBytes> map_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return cannot_map(path);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return cannot_map(path);
  if (!S_ISREG(facts.st_mode)) {
    return Error{Errc::io, path.string() + ": is not a regular file; only those can be mapped"};
  }
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size > limit_bytes) {
    return Error{Errc::limit_exceeded, path.string() + ": " + std::to_string(size) +
                                           " bytes; at most " + std::to_string(limit_bytes)};
  }
  if (size == 0) return SharedBytes{Bytes{}};  // an empty file cannot be mapped
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) return cannot_map(path);
  const auto mapping = std::make_shared<const Mapping>(data, size);
  return SharedBytes{mapping, ByteView{static_cast<const std::uint8_t*>(data), size}};
}

}  // namespace hippocrypt
