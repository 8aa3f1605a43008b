#include "net/provision/certificate_writer.hpp"

#include <openssl/asn1t.h>
#include <openssl/x509v3.h>

#include "base/check.hpp"

namespace hippocrypt::net {
namespace {

/// OpenSSL's writers fail for want of memory only.
void must(bool succeeded) { HIPPOCRYPT_CHECK(succeeded, "OpenSSL"); }

template <class T, class Free>
std::unique_ptr<T, Free> owned(T* object, Free release) {
  must(object != nullptr);
  return {object, release};
}

void set_time(ASN1_TIME* time, std::chrono::system_clock::time_point value) {
  must(time != nullptr &&
       ASN1_TIME_set(time, std::chrono::system_clock::to_time_t(value)) != nullptr);
}

void add_part(X509_NAME* name, const char* part, const std::string& value) {
  must(X509_NAME_add_entry_by_txt(name, part, MBSTRING_ASC,
                                  reinterpret_cast<const unsigned char*>(value.data()),
                                  static_cast<int>(value.size()), -1, 0) == 1);
}

void set_serial(ASN1_INTEGER* field, ByteView serial) {
  const auto number =
      owned(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr), &BN_free);
  must(BN_to_ASN1_INTEGER(number.get(), field) != nullptr);
}

/// `value` is OpenSSL's text for the extension: a constant of this file.
void add_extension(X509& certificate, const X509& issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, const_cast<X509*>(&issuer), &certificate, nullptr, nullptr, 0);
  const auto made =
      owned(X509V3_EXT_conf_nid(nullptr, &context, kind, value), &X509_EXTENSION_free);
  must(X509_add_ext(&certificate, made.get(), -1) == 1);
}

void add_text_name(GENERAL_NAMES& list, int type, const std::string& value) {
  auto text = owned(ASN1_IA5STRING_new(), &ASN1_IA5STRING_free);
  must(ASN1_STRING_set(text.get(), value.data(), static_cast<int>(value.size())) == 1);
  auto name = owned(GENERAL_NAME_new(), &GENERAL_NAME_free);
  GENERAL_NAME_set0_value(name.get(), type, text.release());
  must(sk_GENERAL_NAME_push(&list, name.release()) > 0);
}

auto alternative_names(const SubjectNames& names) {
  auto list = owned(GENERAL_NAMES_new(), &GENERAL_NAMES_free);
  add_text_name(*list, GEN_URI, to_uri(names.identity));
  if (names.signing_key) {
    add_text_name(*list, GEN_URI, std::string{signing_key_prefix} + to_hex(*names.signing_key));
  }
  for (const auto& host : names.dns_names) add_text_name(*list, GEN_DNS, host);
  for (const auto& address : names.addresses) {
    auto name = owned(GENERAL_NAME_new(), &GENERAL_NAME_free);
    auto bytes = owned(a2i_IPADDRESS(address.c_str()), &ASN1_OCTET_STRING_free);
    GENERAL_NAME_set0_value(name.get(), GEN_IPADD, bytes.release());
    must(sk_GENERAL_NAME_push(list.get(), name.release()) > 0);
  }
  return list;
}

/// The digest that goes with a key: none for Ed25519.
const EVP_MD* digest_for(const evp_pkey_st& key) {
  return EVP_PKEY_is_a(&key, "ED25519") == 1 ? nullptr : EVP_sha256();
}

CertificatePointer start_certificate(ByteView serial, const Validity& validity,
                                     evp_pkey_st& subject_key) {
  CertificatePointer certificate{X509_new()};
  must(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
       X509_set_pubkey(certificate.get(), &subject_key) == 1);
  set_serial(X509_get_serialNumber(certificate.get()), serial);
  set_time(X509_getm_notBefore(certificate.get()), validity.from);
  set_time(X509_getm_notAfter(certificate.get()), validity.to);
  return certificate;
}

const char* usage_text(const CertificateSpec& spec) {
  if (spec.may_be_client && spec.may_be_server) return "clientAuth,serverAuth";
  return spec.may_be_client ? "clientAuth" : "serverAuth";
}

}  // namespace

CertificatePointer write_authority(const std::string& federation,
                                   const std::array<std::uint8_t, 16>& serial,
                                   const Validity& validity, evp_pkey_st& key) {
  auto certificate = start_certificate(serial, validity, key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  add_part(name, "O", "Hippocrypt federation");
  add_part(name, "CN", federation);
  must(X509_set_issuer_name(certificate.get(), name) == 1);
  const X509& self = *certificate;
  add_extension(*certificate, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(*certificate, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(*certificate, self, NID_subject_key_identifier, "hash");
  must(X509_sign(certificate.get(), &key, digest_for(key)) > 0);
  return certificate;
}

CertificatePointer write_certificate(const CertificateSpec& spec, evp_pkey_st& subject_key,
                                     const x509_st& authority, evp_pkey_st& authority_key) {
  auto certificate = start_certificate(spec.serial, spec.validity, subject_key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  add_part(name, "O", spec.names.identity.federation);
  add_part(name, "OU", to_string(spec.names.identity.role));
  add_part(name, "CN", spec.names.identity.name);
  must(X509_set_issuer_name(certificate.get(), X509_get_subject_name(&authority)) == 1);
  add_extension(*certificate, authority, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*certificate, authority, NID_key_usage, "critical,digitalSignature");
  if (spec.may_be_client || spec.may_be_server) {
    add_extension(*certificate, authority, NID_ext_key_usage, usage_text(spec));
  }
  add_extension(*certificate, authority, NID_subject_key_identifier, "hash");
  add_extension(*certificate, authority, NID_authority_key_identifier, "keyid:always");
  const auto names = alternative_names(spec.names);
  must(X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, names.get(), 0,
                         X509V3_ADD_DEFAULT) == 1);
  must(X509_sign(certificate.get(), &authority_key, digest_for(authority_key)) > 0);
  return certificate;
}

RequestPointer write_request(const SubjectNames& names, evp_pkey_st& key) {
  RequestPointer request{X509_REQ_new()};
  must(request != nullptr && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
       X509_REQ_set_pubkey(request.get(), &key) == 1);
  add_part(X509_REQ_get_subject_name(request.get()), "CN", names.identity.name);
  const auto list = alternative_names(names);
  STACK_OF(X509_EXTENSION)* extensions = nullptr;
  const int added =
      X509V3_add1_i2d(&extensions, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT);
  const int kept = added == 1 ? X509_REQ_add_extensions(request.get(), extensions) : 0;
  sk_X509_EXTENSION_pop_free(extensions, &X509_EXTENSION_free);
  must(kept == 1 && X509_REQ_sign(request.get(), &key, digest_for(key)) > 0);
  return request;
}

RevocationListPointer write_revocation_list(std::span<const Revocation> revoked,
                                            std::uint64_t number,
                                            std::chrono::system_clock::time_point from,
                                            const x509_st& authority, evp_pkey_st& authority_key) {
  RevocationListPointer list{X509_CRL_new()};
  const auto time = owned(ASN1_TIME_new(), &ASN1_TIME_free);
  set_time(time.get(), from);
  must(list != nullptr && X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1 &&
       X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(&authority)) == 1 &&
       X509_CRL_set1_lastUpdate(list.get(), time.get()) == 1 &&
       X509_CRL_set1_nextUpdate(list.get(), X509_get0_notAfter(&authority)) == 1);
  const auto counter = owned(ASN1_INTEGER_new(), &ASN1_INTEGER_free);
  must(ASN1_INTEGER_set_uint64(counter.get(), number) == 1 &&
       X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, counter.get(), 0, X509V3_ADD_DEFAULT) ==
           1);
  for (const auto& each : revoked) {
    auto entry = owned(X509_REVOKED_new(), &X509_REVOKED_free);
    const auto serial = owned(ASN1_INTEGER_new(), &ASN1_INTEGER_free);
    set_serial(serial.get(), each.serial);
    set_time(time.get(), each.at);
    must(X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 &&
         X509_REVOKED_set_revocationDate(entry.get(), time.get()) == 1 &&
         X509_CRL_add0_revoked(list.get(), entry.release()) == 1);
  }
  must(X509_CRL_sort(list.get()) == 1 &&
       X509_CRL_sign(list.get(), &authority_key, digest_for(authority_key)) > 0);
  return list;
}

}  // namespace hippocrypt::net
