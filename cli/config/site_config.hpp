#pragma once
// A party of a real federation from its TOML file, and the federation's file that it names.

#include <filesystem>
#include <span>
#include <string>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/common/site_config.hpp"

namespace hippocrypt::cli {

/// Reads and checks `path`; overrides and relative paths are as in load_config. Files and folders
/// that the party must have by now have to exist, but for a hospital's folder and the aggregator's
/// runs. Errors: invalid_config, one sentence with file and line (or the override), key, value and
/// what is allowed.
Result<federation::SiteFile> load_site(const std::filesystem::path& path,
                                       std::span<const std::string> overrides);

/// Whether the file is a party's, not a federation's: it has a [site] section. Errors:
/// invalid_config (no TOML file).
Result<bool> is_site_file(const std::filesystem::path& path);

/// As load_site, for a program that runs only one role. Errors also: invalid_config (another role).
Result<federation::SiteFile> load_site_of(federation::PartyRole role,
                                          const std::filesystem::path& path,
                                          std::span<const std::string> overrides);

/// The federation's file as the party needs it: a hospital's notes and budget come from its own
/// file. Errors: those of load_config, invalid_config (a hospital that the federation does not
/// list).
Result<federation::FederationConfig> load_federation_of(const federation::SiteFile& site);

/// Which of config.hospitals the site is. It must be one.
std::size_t hospital_index(const federation::FederationConfig& config,
                           const federation::SiteFile& site);

}  // namespace hippocrypt::cli
