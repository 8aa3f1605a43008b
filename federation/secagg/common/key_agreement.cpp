#include "federation/secagg/common/key_agreement.hpp"

#include <openssl/evp.h>

#include "base/check.hpp"

namespace hippocrypt::federation::secagg {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

}  // namespace

struct KeyPair::State {
  Key key;
};

KeyPair::KeyPair(std::unique_ptr<State> state) : state_{std::move(state)} {
  std::size_t size = public_key_.size();
  HIPPOCRYPT_CHECK(EVP_PKEY_get_raw_public_key(state_->key.get(), public_key_.data(), &size) == 1);
  HIPPOCRYPT_CHECK(size == public_key_.size());
}

KeyPair::~KeyPair() = default;
KeyPair::KeyPair(KeyPair&&) noexcept = default;
KeyPair& KeyPair::operator=(KeyPair&&) noexcept = default;

KeyPair KeyPair::of(const SecretBytes& private_key) {
  HIPPOCRYPT_CHECK(private_key.size() == 32);
  Key key{EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, private_key.reveal().data(),
                                       private_key.size()),
          &EVP_PKEY_free};
  HIPPOCRYPT_CHECK(key != nullptr);
  return KeyPair{std::make_unique<State>(State{std::move(key)})};
}

Result<SecretBytes> KeyPair::agree(const PublicKey& other) const {
  const Key peer{EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()),
                 &EVP_PKEY_free};
  const KeyContext context{EVP_PKEY_CTX_new(state_->key.get(), nullptr), &EVP_PKEY_CTX_free};
  HIPPOCRYPT_CHECK(peer != nullptr && context != nullptr);
  HIPPOCRYPT_CHECK(EVP_PKEY_derive_init(context.get()) == 1);
  SecretBytes secret(32);
  std::size_t size = secret.size();
  // OpenSSL refuses an agreement on zero, as RFC 7748, section 6.1, advises.
  if (EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), secret.reveal().data(), &size) != 1) {
    return Error{Errc::tampered,
                 "a public key is of low order, which no honest hospital sends: "
                 "everybody would know what is agreed on with it"};
  }
  HIPPOCRYPT_CHECK(size == secret.size());
  return secret;
}

}  // namespace hippocrypt::federation::secagg
