#pragma once
// invocation.json: how a run was started, so that later commands find its configuration.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"

namespace hippocrypt::cli {

/// What the user named.
struct Invocation {
  std::filesystem::path config;
  std::vector<std::string> overrides;
};

/// Into the run folder; with the file's hash, so that a change is seen. Errors: io.
Status save_invocation(const std::filesystem::path& run_folder, const Invocation& invocation);

/// What the run was started with, whether or not the file is still the same. Errors: not_found (the
/// run does not say), malformed, unsupported (a file of another version).
Result<Invocation> invocation_of_run(const std::filesystem::path& run_folder);

/// The configuration that the run had, or of `instead` where the user names one. Errors: not_found
/// (the run does not say, as runs that did not end do not; the file is gone), mismatch (the file
/// has changed since), malformed, unsupported, those of load_config.
Result<federation::FederationConfig> config_of_run(const std::filesystem::path& run_folder,
                                                   const std::optional<Invocation>& instead);

}  // namespace hippocrypt::cli
