#pragma once
// The federation's authority as its members know it: its certificate, and the list of what it has
// revoked.

#include <chrono>
#include <filesystem>
#include <memory>

#include "net/identity/certificate.hpp"

struct x509_store_st;

namespace hippocrypt::net {

struct AuthorityFacts {
  std::string federation;
  std::string fingerprint;  ///< spoken_fingerprint of the DER
  std::chrono::system_clock::time_point not_before, not_after;
};

/// Errors: malformed (a certificate that is no authority's).
Result<AuthorityFacts> authority_facts(const x509_st& certificate);

/// For any number of threads.
class TrustAnchor {
 public:
  /// PEM or DER; `revoked` may be empty. Errors: not_found, io, limit_exceeded, malformed, mismatch
  /// (the list is another authority's).
  static Result<TrustAnchor> load(const std::filesystem::path& authority,
                                  const std::filesystem::path& revoked);

  const AuthorityFacts& authority() const { return facts_; }
  /// The authority and its list, for OpenSSL to verify with.
  x509_store_st* store() const { return store_.get(); }
  /// What the certificate says, once it is known that the authority signed it for this federation
  /// and this role, that it is valid at `now` and not revoked. Errors: malformed, mismatch (another
  /// authority, federation or key usage), stale (expired, not valid yet, revoked).
  Result<CertificateFacts> verify(ByteView certificate,
                                  std::chrono::system_clock::time_point now) const;

 private:
  TrustAnchor() = default;
  AuthorityFacts facts_;
  std::shared_ptr<x509_store_st> store_;
};

}  // namespace hippocrypt::net
