#pragma once
// `simulate --compare-alone`: the federation's adapter against those of hospitals by themselves.

#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "cli/support/progress.hpp"
#include "federation/client/alone_training.hpp"
#include "federation/common/run_record.hpp"

namespace hippocrypt::cli {

/// After the federation: trains every hospital alone and writes RUN/alone.json. Errors: those of
/// compare_alone and of reading the last global adapter; io.
Result<federation::AloneComparison> compare_with_alone(const federation::FederationConfig& config,
                                                       const std::filesystem::path& run_folder,
                                                       const federation::RunRecord& record,
                                                       const std::atomic<bool>& stop,
                                                       Progress& progress);

/// {version, pooled_tokens, start, federated, alone: {hospital: loss}}; losses a token.
nlohmann::ordered_json alone_json(const federation::AloneComparison& comparison);
/// A table and what it is of.
std::string alone_text(const federation::AloneComparison& comparison);

}  // namespace hippocrypt::cli
