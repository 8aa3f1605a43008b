#pragma once
// Internal to crypto/lwe/client (and its tests): the only way to use a secret.

#include <cstdint>

#include "crypto/lwe/client/lwe_secret.hpp"

namespace hippocrypt::crypto {

class LweSecretAccess {
 public:
  /// <a, s> mod 2^32 of n words. The secret must not have been moved from.
  static std::uint32_t inner_product(const LweSecret& secret, const std::uint32_t* a);
};

}  // namespace hippocrypt::crypto
