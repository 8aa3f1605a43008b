#pragma once
// A federation's configuration from one TOML file. Everything is checked here, before any work.

#include <filesystem>
#include <span>
#include <string>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"

namespace hippocrypt::cli {

/// Reads `path`, lays the overrides over it in their order and checks the whole. An override is
/// "key=value" with a dotted key: "privacy.delta=1e-6", "run.rounds=3", "hospital.0.budget=4" or
/// "hospital.st-anna.budget=4"; its value is TOML, and what is not TOML is taken as a string.
/// Relative paths, in the file and in overrides, start at the file's folder.
/// Errors: invalid_config, one sentence with file and line (or the override), key, value and what
/// is allowed.
Result<federation::FederationConfig> load_config(const std::filesystem::path& path,
                                                 std::span<const std::string> overrides);

/// The same file as a party of a real federation reads it: a hospital's notes lie at the hospital,
/// so that they may be absent and are not looked for. Errors: those of load_config; invalid_config
/// (a [[group]]: only a simulation deals notes).
Result<federation::FederationConfig> load_federation(const std::filesystem::path& path);

}  // namespace hippocrypt::cli
