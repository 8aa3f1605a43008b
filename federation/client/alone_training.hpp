#pragma once
// What the federation is worth: every hospital trains alone, from the same start, with the same
// lots and as many steps, and all adapters are held against the held-out notes of all hospitals
// together.
//
// Only a simulation can do that, since it has everybody's notes. The frozen weights are at hand,
// too, so products are plain int8, as the encrypted ones are up to their noise; nothing is sent.
// Alone trainings spend privacy of their own: they have ledgers of their own, and are refused where
// the account is that of the patients.

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"

namespace hippocrypt::federation {

struct AloneOptions {
  FederationConfig config;
  std::vector<float> federated;             ///< trained values of the federation's adapter
  std::filesystem::path folder;             ///< for the ledgers: folder/NAME/ledger.sqlite
  std::string run;                          ///< name stamped into them
  std::size_t threads = 1;                  ///< do not change a result
  const std::atomic<bool>* stop = nullptr;  ///< may be null
  std::function<void(const std::string& hospital)> on_trained;  ///< may be empty
};

/// Mean negative log-likelihood a token over all hospitals' held-out notes.
struct AloneComparison {
  std::size_t pooled_tokens = 0;  ///< that are predicted
  double start = 0, federated = 0;
  std::vector<std::pair<std::string, double>> alone;  ///< by hospital, in the config's order
};

/// Errors: invalid_config (privacy.ledger is that of the data set).
Status check_may_train_alone(const FederationConfig& config);

/// Errors: invalid_config as above; mismatch (`federated` has another size than the adapter);
/// cancelled; those of opening the model, of LocalSite::create and of the trainer but for an
/// exhausted budget, with which a hospital sits a round out as it would in the federation.
Result<AloneComparison> compare_alone(const AloneOptions& options);

}  // namespace hippocrypt::federation
