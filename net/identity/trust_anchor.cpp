#include "net/identity/trust_anchor.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/check.hpp"
#include "base/file.hpp"
#include "base/plain_name.hpp"
#include "net/identity/x509.hpp"

namespace hippocrypt::net {
namespace {

Error no_authority() {
  return Error{Errc::malformed,
               "this is not the certificate of a federation's authority (authority.crt, which "
               "'hippocrypt provision init' makes)"};
}

Error in_file(const std::filesystem::path& path, const Error& error) {
  return Error{error.code, path.string() + ": " + error.detail};
}

Error refusal(int reason) {
  ERR_clear_error();
  switch (reason) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CRL_HAS_EXPIRED:  // it lives as long as the authority
      return {Errc::stale,
              "the certificate, or its authority's, has expired; the authority signs "
              "a new one"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return {Errc::stale,
              "the certificate, or its authority's, is not valid yet: a clock is "
              "wrong here or was where it was signed"};
    case X509_V_ERR_CERT_REVOKED:
      return {Errc::stale, "the authority has revoked the certificate"};
    default:
      return {Errc::mismatch, std::string{"the federation's authority did not sign the "
                                          "certificate: "} +
                                  X509_verify_cert_error_string(reason)};
  }
}

}  // namespace

Result<AuthorityFacts> authority_facts(const x509_st& certificate) {
  const std::unique_ptr<BASIC_CONSTRAINTS, decltype(&BASIC_CONSTRAINTS_free)> constraints{
      static_cast<BASIC_CONSTRAINTS*>(
          X509_get_ext_d2i(&certificate, NID_basic_constraints, nullptr, nullptr)),
      &BASIC_CONSTRAINTS_free};
  ERR_clear_error();
  if (constraints == nullptr || constraints->ca == 0) return no_authority();
  AuthorityFacts facts;
  char name[max_plain_name_bytes + 1];
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(&certificate), NID_commonName,
                                             name, sizeof name);
  if (size <= 0) return no_authority();
  facts.federation.assign(name, static_cast<std::size_t>(size));
  if (!is_plain_name(facts.federation)) return no_authority();
  facts.fingerprint = spoken_fingerprint(to_der(certificate));
  HIPPOCRYPT_TRY(facts.not_before, time_of(X509_get0_notBefore(&certificate)));
  HIPPOCRYPT_TRY(facts.not_after, time_of(X509_get0_notAfter(&certificate)));
  return facts;
}

Result<TrustAnchor> TrustAnchor::load(const std::filesystem::path& authority,
                                      const std::filesystem::path& revoked) {
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(authority, max_pem_bytes));
  const auto certificate = parse_certificate(bytes);
  if (!certificate) return in_file(authority, certificate.error());
  auto facts = authority_facts(**certificate);
  if (!facts) return in_file(authority, facts.error());
  TrustAnchor anchor;
  anchor.facts_ = std::move(facts).value();
  anchor.store_.reset(X509_STORE_new(), &X509_STORE_free);
  HIPPOCRYPT_CHECK(anchor.store_ != nullptr &&
                   X509_STORE_add_cert(anchor.store_.get(), certificate->get()) == 1);
  if (revoked.empty()) return anchor;
  HIPPOCRYPT_TRY(const Bytes list_bytes, read_file(revoked, max_pem_bytes));
  const auto list = parse_revocation_list(list_bytes);
  if (!list) return in_file(revoked, list.error());
  if (X509_CRL_verify(list->get(), X509_get0_pubkey(certificate->get())) != 1) {
    ERR_clear_error();
    return Error{Errc::mismatch, revoked.string() + ": the authority in " + authority.string() +
                                     " did not sign this list; fetch it from the authority again"};
  }
  HIPPOCRYPT_CHECK(X509_STORE_add_crl(anchor.store_.get(), list->get()) == 1 &&
                   X509_STORE_set_flags(anchor.store_.get(), X509_V_FLAG_CRL_CHECK) == 1);
  return anchor;
}

Result<CertificateFacts> TrustAnchor::verify(ByteView bytes,
                                             std::chrono::system_clock::time_point now) const {
  HIPPOCRYPT_TRY(const auto certificate, parse_certificate(bytes));
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context{
      X509_STORE_CTX_new(), &X509_STORE_CTX_free};
  HIPPOCRYPT_CHECK(context != nullptr && X509_STORE_CTX_init(context.get(), store_.get(),
                                                             certificate.get(), nullptr) == 1);
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
  if (X509_verify_cert(context.get()) != 1) {
    return refusal(X509_STORE_CTX_get_error(context.get()));
  }
  HIPPOCRYPT_TRY(auto facts, facts_of(*certificate));
  if (facts.identity.federation != facts_.federation) {
    return Error{Errc::mismatch, "the certificate is for the federation " +
                                     facts.identity.federation + ", the authority for " +
                                     facts_.federation};
  }
  HIPPOCRYPT_TRY_VOID(check_usage(facts));
  return facts;
}

}  // namespace hippocrypt::net
