#pragma once
// What a certificate says of its holder, for whoever has verified its signature.

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "net/identity/identity.hpp"

struct x509_st;  // OpenSSL's X509

namespace hippocrypt::net {

struct CertificateFacts {
  Identity identity;
  /// Ed25519 public key that a hospital signs messages of secure aggregation and its reported
  /// budget with: the SAN URI urn:hippocrypt:signing-key:HEX.
  std::optional<std::array<std::uint8_t, 32>> signing_key;
  std::string dns_name;  ///< the first of the SAN; servers and aggregators have one
  std::string serial;    ///< hex
  std::chrono::system_clock::time_point not_before, not_after;
  bool may_be_client = false, may_be_server = false;  ///< extended key usage
};

/// Of a parsed certificate; does not check any signature or date. Errors: malformed (no identity,
/// more than one, a signing key that is none, no key usages).
Result<CertificateFacts> facts_of(const x509_st& certificate);
/// Of a certificate in DER or PEM. Errors: malformed.
Result<CertificateFacts> facts_of_bytes(ByteView certificate);
/// Whether the key usages are those of the role. Errors: mismatch.
Status check_usage(const CertificateFacts& facts);

}  // namespace hippocrypt::net
