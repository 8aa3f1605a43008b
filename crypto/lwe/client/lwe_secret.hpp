#pragma once
// The client's secret of the scalar scheme. One secret may encrypt any number of tiles, since every
// tile has fresh public matrices.

#include <cstdint>

#include "base/random.hpp"
#include "base/secret.hpp"

namespace hippocrypt::crypto {

/// n uniform coefficients in {-1, 0, 1}. Move-only, wiped, without a way to print or serialise it.
class LweSecret {
 public:
  /// `random` must be SystemRandom outside tests.
  static LweSecret sample(RandomSource& random);

 private:
  friend class LweSecretAccess;
  LweSecret() = default;
  // -a is the complement of a plus 1, so <a, s> = Σ ((a & keep) ^ flip) + negatives mod 2^32: three
  // operations a coefficient, without a multiplication or a branch.
  SecretArray<std::uint32_t> keep_;       ///< all ones where s ≠ 0
  SecretArray<std::uint32_t> flip_;       ///< all ones where s = -1
  SecretArray<std::uint32_t> negatives_;  ///< one word: how many coefficients are -1
};

}  // namespace hippocrypt::crypto
