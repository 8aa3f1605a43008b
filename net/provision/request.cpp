#include "net/provision/request.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "net/provision/certificate_writer.hpp"

namespace hippocrypt::net {
namespace {

constexpr int min_security_bits = 112;  ///< RSA of 2048 bits; Ed25519 and P-256 have 128

Error malformed(const char* sentence) { return Error{Errc::malformed, sentence}; }

Result<SubjectNames> names_in(const X509_REQ& request) {
  STACK_OF(X509_EXTENSION)* const extensions =
      X509_REQ_get_extensions(const_cast<X509_REQ*>(&request));
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> list{
      static_cast<GENERAL_NAMES*>(
          X509V3_get_d2i(extensions, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free};
  sk_X509_EXTENSION_pop_free(extensions, &X509_EXTENSION_free);
  ERR_clear_error();
  if (list == nullptr) {
    return malformed(
        "the request holds no names, or holds them twice; make it with 'hippocrypt provision "
        "request'");
  }
  HIPPOCRYPT_TRY(auto names, read_names(*list));
  HIPPOCRYPT_TRY_VOID(check_names(names));
  return names;
}

}  // namespace

Result<std::string> make_request(const SubjectNames& names, const KeyPair& key) {
  HIPPOCRYPT_TRY_VOID(check_names(names));
  return to_pem(*write_request(names, key.handle()));
}

Result<Request> read_request(ByteView bytes) {
  HIPPOCRYPT_TRY(const auto parsed, parse_certificate_request(bytes));
  KeyPointer key{X509_REQ_get_pubkey(parsed.get())};
  const bool is_signed = key != nullptr && X509_REQ_verify(parsed.get(), key.get()) == 1;
  ERR_clear_error();
  if (!is_signed) {
    return malformed(
        "the request is not signed with the key that it is for: it was damaged or changed on its "
        "way; the site sends it again");
  }
  if (EVP_PKEY_get_security_bits(key.get()) < min_security_bits) {
    return Error{Errc::unsupported,
                 "the request is for a weak key; make an Ed25519 key with 'hippocrypt provision "
                 "request'"};
  }
  HIPPOCRYPT_TRY(auto names, names_in(*parsed));
  return Request{std::move(names), std::move(key), spoken_fingerprint(to_der(*parsed))};
}

}  // namespace hippocrypt::net
