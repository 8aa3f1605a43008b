#include "cli/preflight/certificate_checks.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/file.hpp"
#include "cli/provision/show.hpp"
#include "federation/secagg/client/identity_key.hpp"
#include "net/identity/trust_anchor.hpp"
#include "net/provision/key_pair.hpp"

namespace hippocrypt::cli {
namespace {

constexpr const char* renewal = "; the authority signs the site's request again";

Check check_dates(const net::CertificateFacts& facts, const OwnFiles& files, WallTime now) {
  const std::string text = "valid until " + expiry_text(facts.not_after, now);
  if (!expiry_warning(facts.not_after, now).empty()) {
    return warning("certificate", text + renewal + ", in time");
  }
  if (files.revoked.empty()) {
    return warning("certificate",
                   text +
                       "; without a revocation list a stolen one cannot be shut out: "
                       "fetch revoked.crl from the authority and name it in "
                       "tls.revoked");
  }
  return passed("certificate", text);
}

Check check_names(const net::Identity& identity, const OwnFiles& files) {
  if (identity.role == files.role && identity.name == files.name) {
    return passed("names", member_text(identity));
  }
  return failed("names", fmt::format("{} is the certificate of {}, the configuration that of {}; "
                                     "correct [site], or take the other certificate",
                                     files.certificate.string(), party_text(identity),
                                     party_text({"", files.role, files.name})));
}

Check check_key(ByteView pem, const OwnFiles& files) {
  const auto key = net::KeyPair::load(files.key);
  if (!key) return failed("key", key.error().detail);
  const auto certificate = net::parse_certificate(pem);
  const bool belongs =
      certificate && X509_check_private_key(certificate->get(), &key->handle()) == 1;
  ERR_clear_error();
  if (belongs) return passed("key", files.key.string() + " is the certificate's, mode 0600");
  return failed("key", fmt::format("{} is not the key of {}; both come from one request, and the "
                                   "certificate from its last signature",
                                   files.key.string(), files.certificate.string()));
}

Check check_signing_key(const net::CertificateFacts& facts, const OwnFiles& files) {
  constexpr const char* name = "signing key";
  const auto key = federation::secagg::IdentityKey::load(files.signing_key);
  if (!key && key.error().code == Errc::not_found) {
    return failed(name, files.signing_key.string() +
                            " is not there; 'hippocrypt provision request' made it beside the "
                            "site's key: copy it back, or request and sign again");
  }
  if (!key) return failed(name, key.error().detail);
  if (facts.signing_key == key->public_part()) {
    return passed(name, files.signing_key.string() + " is the certificate's, mode 0600");
  }
  return failed(name, files.signing_key.string() +
                          " is not the one in the certificate; put the old one back, or request "
                          "and sign again");
}

}  // namespace

std::vector<Check> check_certificate(const OwnFiles& files, WallTime now) {
  const auto anchor = net::TrustAnchor::load(files.authority, files.revoked);
  if (!anchor) return {failed("certificate", anchor.error().detail)};
  const auto pem = read_file(files.certificate, net::max_pem_bytes);
  if (!pem) return {failed("certificate", pem.error().detail)};
  const auto facts = anchor->verify(*pem, now);
  if (!facts) {
    return {failed("certificate", files.certificate.string() + ": " + facts.error().detail)};
  }
  std::vector<Check> checks{check_dates(*facts, files, now), check_names(facts->identity, files),
                            check_key(*pem, files)};
  if (files.role == net::Role::hospital) checks.push_back(check_signing_key(*facts, files));
  return checks;
}

}  // namespace hippocrypt::cli
