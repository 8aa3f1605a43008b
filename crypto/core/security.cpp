#include "crypto/core/security.hpp"

#include <array>

namespace hippocrypt::crypto {
namespace {

constexpr std::array<SecurityEntry, 3> table{{
    {"rlwe2048", Scheme::ring, 2048, 29.9996, 3, 4.63681, 268.7, 254.4},
    {"rlwe1024", Scheme::ring, 1024, 29.9996, 4, 9.24662, 136.7, 129.0},
    {"lwe1024", Scheme::scalar, 1024, 32, 0, 137.187, 128.1, 121.1},
}};

}  // namespace

std::span<const SecurityEntry> security_table() { return table; }

const SecurityEntry* find_security(std::size_t ring_dim, unsigned log_bound) {
  for (const SecurityEntry& entry : table) {
    if (entry.scheme == Scheme::ring && entry.dimension == ring_dim &&
        log_bound >= entry.min_log_bound && log_bound <= max_log_bound) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace hippocrypt::crypto
