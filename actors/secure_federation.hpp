#pragma once
// Internal to actors/simulation: what secure aggregation needs of everybody. In a simulation the
// hospitals' public keys are collected here; in a real federation they come with certificates.

#include <memory>
#include <vector>

#include "actors/aggregator_spec.hpp"
#include "base/random.hpp"
#include "federation/session/secure_attempt.hpp"

namespace hippocrypt::actors {

struct SecureFederation {
  SecureTerms terms;
  std::vector<std::shared_ptr<const federation::SecureRun>> runs;  ///< one a hospital

  /// With the identity keys in the hospitals' folders, made there if there are none. Errors: those
  /// of secagg::params_of, IdentityKey::load_or_create and Roster::create.
  static Result<std::shared_ptr<const SecureFederation>> create(
      const federation::FederationConfig& config, const std::filesystem::path& run_folder,
      const RandomFactory& random);
};

}  // namespace hippocrypt::actors
