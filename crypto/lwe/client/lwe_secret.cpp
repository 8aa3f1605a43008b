#include "crypto/lwe/client/lwe_secret.hpp"

#include "base/check.hpp"
#include "crypto/core/prng.hpp"
#include "crypto/lwe/client/lwe_secret_access.hpp"
#include "crypto/lwe/core/lwe_params.hpp"

namespace hippocrypt::crypto {
namespace {

/// ⌊3·r/2^64⌋ for a uniform 64-bit r: 0, 1 or 2, each with probability 1/3 up to 2^-64.
std::uint32_t third_of(std::uint64_t r) {
  const std::uint64_t high = (r >> 32) * 3, low = (r & 0xFFFFFFFF) * 3;
  return static_cast<std::uint32_t>((high + (low >> 32)) >> 32);
}

}  // namespace

LweSecret LweSecret::sample(RandomSource& random) {
  StreamRandom stream{random};
  SecretArray<std::uint64_t> bits{lwe_dimension};
  const auto words = bits.reveal();
  stream.fill({reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()});
  LweSecret secret;
  secret.keep_ = SecretArray<std::uint32_t>{lwe_dimension};
  secret.flip_ = SecretArray<std::uint32_t>{lwe_dimension};
  secret.negatives_ = SecretArray<std::uint32_t>{1};
  for (std::size_t k = 0; k < lwe_dimension; ++k) {
    const std::uint32_t value = third_of(words[k]);  // 2 stands for -1
    const std::uint32_t is_one = value & 1, is_negative = value >> 1;
    secret.keep_.reveal()[k] = 0U - (is_one | is_negative);
    secret.flip_.reveal()[k] = 0U - is_negative;
    secret.negatives_.reveal()[0] += is_negative;
  }
  return secret;
}

std::uint32_t LweSecretAccess::inner_product(const LweSecret& secret, const std::uint32_t* a) {
  HIPPOCRYPT_CHECK(secret.keep_.size() == lwe_dimension, "the secret has been moved from");
  const std::uint32_t* const keep = secret.keep_.reveal().data();
  const std::uint32_t* const flip = secret.flip_.reveal().data();
  std::uint32_t sum = secret.negatives_.reveal()[0];
  for (std::size_t k = 0; k < lwe_dimension; ++k) sum += (a[k] & keep[k]) ^ flip[k];
  return sum;
}

}  // namespace hippocrypt::crypto
