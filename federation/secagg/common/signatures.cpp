#include "federation/secagg/common/signatures.hpp"

#include <openssl/evp.h>

#include <memory>

#include "base/check.hpp"

namespace hippocrypt::federation::secagg {

bool is_signed_by(const PublicIdentity& identity, ByteView statement, const Signature& signature) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, identity.data(), identity.size()),
      &EVP_PKEY_free};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free};
  HIPPOCRYPT_CHECK(key != nullptr && context != nullptr);
  HIPPOCRYPT_CHECK(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), statement.data(),
                          statement.size()) == 1;
}

}  // namespace hippocrypt::federation::secagg
