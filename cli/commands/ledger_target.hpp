#pragma once
// Which ledgers a word on the command line means.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::cli {

/// The ledger files of `target`: a ledger, a run (name or folder), a notes file or a folder with
/// notes that are on an account, or a ledger home. `home` is where accounts of notes are looked up.
/// Each once, in order. Errors: not_found (with what was looked for), those of reading a run's
/// record or a marker.
Result<std::vector<std::filesystem::path>> ledgers_of(const std::string& target,
                                                      const std::filesystem::path& home);

}  // namespace hippocrypt::cli
