#pragma once
// Internal to actors/simulation: what secure aggregation needs of everybody. In a simulation the
// hospitals' public keys are collected here; in a real federation they come with certificates.

#include <memory>
#include <vector>

#include "base/random.hpp"
#include "federation/aggregator/collector.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/session/secure_attempt.hpp"

namespace hippocrypt::actors {

struct SecureFederation {
  federation::secagg::Params params;
  std::shared_ptr<const federation::secagg::Roster> roster;
  std::string run;
  std::vector<std::shared_ptr<const federation::SecureRun>> runs;  ///< one a hospital

  /// With the identity keys in the hospitals' folders, made there if there are none. Errors: those
  /// of secagg::params_of, IdentityKey::load_or_create and Roster::create.
  static Result<std::shared_ptr<const SecureFederation>> create(
      const federation::FederationConfig& config, const std::filesystem::path& run_folder,
      const std::string& run, const RandomFactory& random);

  /// For updates of `value_count` values. Errors: those of secagg_collectors.
  Result<federation::CollectorFactory> collectors(std::size_t value_count) const;
};

}  // namespace hippocrypt::actors
