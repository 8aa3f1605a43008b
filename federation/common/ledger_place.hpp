#pragma once
// Where ledgers lie.

#include <filesystem>
#include <string>

#include "federation/common/federation_config.hpp"

namespace hippocrypt::federation {

/// The user's ledger home: `configured` if it is set, else $HIPPOCRYPT_HOME, else hippocrypt/ in
/// $XDG_DATA_HOME or ~/.local/share.
std::filesystem::path ledger_home(const std::filesystem::path& configured);

/// The ledger of a hospital: in its run folder (then relative to that), or in the ledger home.
std::filesystem::path ledger_of(const PrivacyConfig& config, const std::string& hospital);

}  // namespace hippocrypt::federation
