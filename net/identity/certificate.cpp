#include "net/identity/certificate.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/check.hpp"
#include "net/identity/subject_names.hpp"
#include "net/identity/x509.hpp"

namespace hippocrypt::net {
namespace {

/// A certificate's only extension of a kind. Errors: malformed (none, two, or its bytes).
template <class T>
Result<std::unique_ptr<T, void (*)(T*)>> extension(const X509& certificate, int kind,
                                                   void (*release)(T*), const char* what) {
  std::unique_ptr<T, void (*)(T*)> found{
      static_cast<T*>(X509_get_ext_d2i(&certificate, kind, nullptr, nullptr)), release};
  ERR_clear_error();
  if (found == nullptr) {
    return Error{Errc::malformed, std::string{"the certificate's "} + what +
                                      " are missing, there twice, or cannot be read"};
  }
  return found;
}

std::string serial_of(const X509& certificate) {
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number{
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr), &BN_free};
  HIPPOCRYPT_CHECK(number != nullptr);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), bytes.data());
  return (BN_is_negative(number.get()) == 1 ? "-" : "") + to_hex(bytes);
}

void read_usage(const EXTENDED_KEY_USAGE& usage, CertificateFacts& facts) {
  for (int i = 0; i < sk_ASN1_OBJECT_num(&usage); ++i) {
    const int kind = OBJ_obj2nid(sk_ASN1_OBJECT_value(&usage, i));
    facts.may_be_client |= kind == NID_client_auth;
    facts.may_be_server |= kind == NID_server_auth;
  }
}

}  // namespace

Result<CertificateFacts> facts_of(const x509_st& certificate) {
  HIPPOCRYPT_TRY(const auto list,
                 extension<GENERAL_NAMES>(certificate, NID_subject_alt_name, &GENERAL_NAMES_free,
                                          "names (with the identity)"));
  HIPPOCRYPT_TRY(auto names, read_names(*list));
  CertificateFacts facts;
  facts.identity = std::move(names.identity);
  facts.signing_key = names.signing_key;
  if (!names.dns_names.empty()) facts.dns_name = std::move(names.dns_names.front());
  facts.serial = serial_of(certificate);
  HIPPOCRYPT_TRY(facts.not_before, time_of(X509_get0_notBefore(&certificate)));
  HIPPOCRYPT_TRY(facts.not_after, time_of(X509_get0_notAfter(&certificate)));
  HIPPOCRYPT_TRY(const auto usage,
                 extension<EXTENDED_KEY_USAGE>(certificate, NID_ext_key_usage,
                                               &EXTENDED_KEY_USAGE_free, "extended key usages"));
  read_usage(*usage, facts);
  return facts;
}

Result<CertificateFacts> facts_of_bytes(ByteView bytes) {
  HIPPOCRYPT_TRY(const auto certificate, parse_certificate(bytes));
  return facts_of(*certificate);
}

Status check_usage(const CertificateFacts& facts) {
  const bool calls = facts.identity.role == Role::hospital;
  if (facts.may_be_client == calls && facts.may_be_server != calls) return {};
  return Error{Errc::mismatch,
               std::string{"the certificate of "} + to_string(facts.identity.role) + ' ' +
                   facts.identity.name + " is not for its role: " +
                   (calls ? "hospitals call and are never called (clientAuth and nothing else)"
                          : "servers and aggregators are called and never call (serverAuth and "
                            "nothing else)")};
}

}  // namespace hippocrypt::net
