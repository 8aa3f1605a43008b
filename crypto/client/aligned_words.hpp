#pragma once
// Working memory for pads: wiped when it dies, and aligned to a cache line, which the kernels'
// stores like.

#include <cstddef>
#include <cstdint>

#include "base/secret.hpp"

namespace hippocrypt::crypto {

class AlignedSecretWords {
 public:
  explicit AlignedSecretWords(std::size_t count) : words_(count + spare) {}
  std::uint32_t* data() {
    std::uint32_t* const first = words_.reveal().data();
    const auto misplaced = reinterpret_cast<std::uintptr_t>(first) % line_bytes;
    return first + (line_bytes - misplaced) % line_bytes / sizeof(std::uint32_t);
  }

 private:
  static constexpr std::size_t line_bytes = 64;
  static constexpr std::size_t spare = line_bytes / sizeof(std::uint32_t);
  SecretArray<std::uint32_t> words_;
};

}  // namespace hippocrypt::crypto
