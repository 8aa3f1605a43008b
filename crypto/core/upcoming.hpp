#pragma once
// Memory that the caller of a transform wants next. A transform computes more than it reads, so it
// can fetch this ahead into the cache; nothing is read or written, and nothing depends on it.

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {

struct Upcoming {
  const std::uint8_t* read = nullptr;
  std::size_t read_bytes = 0;
  const std::uint8_t* written = nullptr;
  std::size_t written_bytes = 0;
};

}  // namespace hippocrypt::crypto
