#pragma once
// Texts as an attacker meets them: token ids, note by note. Where a note begins and ends is visible
// under a token cipher.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "privacy/token_cipher/token_cipher.hpp"

namespace hippocrypt::privacy {

using Documents = std::vector<std::vector<CipherToken>>;

inline std::size_t token_count(const Documents& documents) {
  std::size_t count = 0;
  for (const auto& document : documents) count += document.size();
  return count;
}

}  // namespace hippocrypt::privacy
