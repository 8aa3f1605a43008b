#pragma once
// Who takes part in a real federation: the hospitals' certificates, checked by each party for
// itself.

#include <filesystem>
#include <vector>

#include "actors/aggregator_spec.hpp"
#include "net/identity/trust_anchor.hpp"

namespace hippocrypt::actors {

/// In the order of the configuration.
struct Members {
  std::vector<Bytes> certificates;  ///< DER
  std::vector<net::CertificateFacts> facts;

  /// Whether this very certificate is one of them.
  bool hold(ByteView certificate) const;
};

/// One certificate a hospital of the configuration, in its order, as the authority signed them.
/// Errors: those of TrustAnchor::verify; mismatch (too few, too many, another hospital's, no
/// signing key).
Result<Members> check_members(const federation::FederationConfig& config,
                              std::vector<Bytes> certificates, const net::TrustAnchor& authority);

/// Those in a folder's *.crt files; certificates of others are passed over. Errors: not_found (no
/// folder, none of a hospital), io, those of check_members.
Result<Members> load_members(const federation::FederationConfig& config,
                             const std::filesystem::path& folder,
                             const net::TrustAnchor& authority);

/// What everybody agrees on before sums are masked; null where every update is seen. Errors: those
/// of secagg::params_of and Roster::create.
Result<std::shared_ptr<const SecureTerms>> secure_terms(const federation::FederationConfig& config,
                                                        const Members& members,
                                                        const std::string& run);

}  // namespace hippocrypt::actors
