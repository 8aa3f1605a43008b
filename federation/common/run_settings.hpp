#pragma once
// What of a configuration decides the result of one hospital's training, as keys and values: a
// checkpoint holds them, so that a run goes on only as it began.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"

namespace hippocrypt::federation {

struct Setting {
  std::string key;  ///< as in the file, "training.learning_rate"
  std::string value;
  friend bool operator==(const Setting&, const Setting&) = default;
};

/// Of the hospital `index`. Left out: what may change from one day to the next without changing
/// what is learned (budgets, threads, paths, logging, the ciphertexts' parameters).
std::vector<Setting> run_settings(const FederationConfig& config, std::size_t index);

/// Of a whole federation: what decides its result, with every hospital's name and weight. Left out:
/// the knobs of time, and what may change as above.
std::vector<Setting> federation_settings(const FederationConfig& config);

struct SettingDifference {
  std::string key, first, second;
};
/// The first key with other values; nothing where all are the same. Lists of other keys differ at
/// the first of these, whose value is then "not set" on one side.
std::optional<SettingDifference> first_difference(const std::vector<Setting>& first,
                                                  const std::vector<Setting>& second);

/// Errors: mismatch, naming the first key that differs and both values.
Status check_same_settings(const std::vector<Setting>& began, const std::vector<Setting>& now);

}  // namespace hippocrypt::federation
