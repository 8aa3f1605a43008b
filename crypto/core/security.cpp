#include "crypto/core/security.hpp"

#include <array>

namespace hippocrypt::crypto {
namespace {

constexpr std::array<SecurityEntry, 2> table{{
    {"rlwe2048", 2048, 3, 268.7, 254.4},
    {"rlwe1024", 1024, 4, 136.7, 129.0},
}};

}  // namespace

std::span<const SecurityEntry> security_table() { return table; }

const SecurityEntry* find_security(std::size_t ring_dim, unsigned log_bound) {
  for (const SecurityEntry& entry : table) {
    if (entry.ring_dim == ring_dim && log_bound >= entry.min_log_bound &&
        log_bound <= max_log_bound) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace hippocrypt::crypto
