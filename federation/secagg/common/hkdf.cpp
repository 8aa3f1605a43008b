#include "federation/secagg/common/hkdf.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <array>
#include <memory>

#include "base/byte_reader.hpp"
#include "base/check.hpp"

namespace hippocrypt::federation::secagg {
namespace {

using Context = std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)>;

Context new_context() {
  // Fetching an algorithm takes locks and searches; once is enough. It is never freed.
  static EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  HIPPOCRYPT_CHECK(algorithm != nullptr);
  return {EVP_KDF_CTX_new(algorithm), &EVP_KDF_CTX_free};
}

/// OpenSSL only reads what it is given, but asks for a pointer that could write.
OSSL_PARAM octets(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                           bytes.size());
}

}  // namespace

Bytes labelled(std::string_view label, std::initializer_list<ByteView> fields) {
  ByteWriter writer;
  const auto add = [&](ByteView field) {
    writer.write(static_cast<std::uint32_t>(field.size()));
    writer.append(field);
  };
  add(as_bytes(label));
  for (const ByteView field : fields) add(field);
  return std::move(writer).take();
}

SecretBytes hkdf_sha256(ByteView secret, ByteView salt, ByteView info, std::size_t size_bytes) {
  const Context context = new_context();
  HIPPOCRYPT_CHECK(context != nullptr);
  char digest[] = "SHA256";
  std::array<OSSL_PARAM, 5> parameters{};
  std::size_t used = 0;
  parameters.at(used++) = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
  parameters.at(used++) = octets(OSSL_KDF_PARAM_KEY, secret);
  if (!salt.empty()) parameters.at(used++) = octets(OSSL_KDF_PARAM_SALT, salt);
  if (!info.empty()) parameters.at(used++) = octets(OSSL_KDF_PARAM_INFO, info);
  parameters.at(used) = OSSL_PARAM_construct_end();
  SecretBytes out(size_bytes);
  HIPPOCRYPT_CHECK(
      EVP_KDF_derive(context.get(), out.reveal().data(), out.size(), parameters.data()) == 1);
  return out;
}

}  // namespace hippocrypt::federation::secagg
