#pragma once
// Memory for pads: wiped when it dies, and aligned to a cache line, which the kernels' loads and
// stores like.

#include <cstddef>
#include <cstdint>

#include "base/secret.hpp"

namespace hippocrypt::crypto {

class AlignedSecretWords {
 public:
  AlignedSecretWords() = default;
  explicit AlignedSecretWords(std::size_t count) : words_(count + spare) {}
  /// Null when nothing is held: before the first assignment, or after a move.
  std::uint32_t* data() { return words_.reveal().data() + offset(); }
  const std::uint32_t* data() const { return words_.reveal().data() + offset(); }
  /// The number of words asked for.
  std::size_t size() const { return words_.empty() ? 0 : words_.size() - spare; }

 private:
  static constexpr std::size_t line_bytes = 64;
  static constexpr std::size_t spare = line_bytes / sizeof(std::uint32_t);

  std::size_t offset() const {
    const auto misplaced = reinterpret_cast<std::uintptr_t>(words_.reveal().data()) % line_bytes;
    return (line_bytes - misplaced) % line_bytes / sizeof(std::uint32_t);
  }
  SecretArray<std::uint32_t> words_;
};

}  // namespace hippocrypt::crypto
