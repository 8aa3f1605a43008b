#include "base/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/check.hpp"

namespace hippocrypt {

struct HmacSha256::State {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    EVP_MAC_CTX_free(context);  // wipes the key
    EVP_MAC_free(mac);
  }
};

HmacSha256::HmacSha256(const SecretBytes& key) : state_{std::make_unique<State>()} {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  HIPPOCRYPT_CHECK(state_->context != nullptr);
  HIPPOCRYPT_CHECK(EVP_MAC_init(state_->context, key.reveal().data(), key.size(), parameters) == 1);
}
HmacSha256::~HmacSha256() = default;

HmacSha256& HmacSha256::add(ByteView bytes) {
  HIPPOCRYPT_CHECK(EVP_MAC_update(state_->context, bytes.data(), bytes.size()) == 1);
  return *this;
}

HmacSha256& HmacSha256::add_field(ByteView bytes) {
  return add(little_endian(bytes.size())).add(bytes);
}

Hash256 HmacSha256::finish() {
  Hash256 out{};
  std::size_t size = 0;
  HIPPOCRYPT_CHECK(EVP_MAC_final(state_->context, out.data(), &size, out.size()) == 1 &&
                   size == out.size());
  return out;
}

}  // namespace hippocrypt
