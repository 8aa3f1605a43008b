#pragma once
// A file descriptor that closes itself, and what every writer of files needs.

#include <unistd.h>

#include <filesystem>

#include "base/bytes.hpp"

namespace hippocrypt {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_{fd} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// All of them, however many calls that takes. False with errno set.
bool write_all(int fd, ByteView bytes);

/// Makes the names in a folder durable. False with errno set.
bool sync_folder(const std::filesystem::path& folder);

}  // namespace hippocrypt
