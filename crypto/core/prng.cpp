#include "crypto/core/prng.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "base/secret.hpp"

namespace hippocrypt::crypto {

struct StreamRandom::Cipher {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  Cipher() { HIPPOCRYPT_CHECK(context != nullptr); }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;
  ~Cipher() { EVP_CIPHER_CTX_free(context); }
};

namespace {

SecretBytes draw_key(RandomSource& source) {
  SecretBytes key{StreamRandom::key_bytes};
  source.fill(key.reveal());
  return key;
}

}  // namespace

StreamRandom::StreamRandom(RandomSource& source)
    : StreamRandom{draw_key(source).reveal().first<key_bytes>()} {}

StreamRandom::StreamRandom(std::span<const std::uint8_t, key_bytes> key)
    : cipher_{std::make_unique<Cipher>()} {
  const std::array<std::uint8_t, 16> counter{};  // the key is fresh, so the counter may start at 0
  HIPPOCRYPT_CHECK(EVP_EncryptInit_ex(cipher_->context, EVP_aes_256_ctr(), nullptr, key.data(),
                                      counter.data()) == 1);
}

StreamRandom::~StreamRandom() = default;

void StreamRandom::fill(std::span<std::uint8_t> out) {
  static constexpr std::array<std::uint8_t, 4096> zeros{};  // stays in the first-level cache
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), zeros.size());
    int written = 0;
    HIPPOCRYPT_CHECK(EVP_EncryptUpdate(cipher_->context, out.data(), &written, zeros.data(),
                                       static_cast<int>(size)) == 1);
    HIPPOCRYPT_CHECK(static_cast<std::size_t>(written) == size);
    out = out.subspan(size);
  }
}

}  // namespace hippocrypt::crypto
