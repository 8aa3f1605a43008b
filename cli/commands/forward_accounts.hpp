#pragma once
// DP-Forward's accounts of a run's hospitals: shown beside DP-SGD's, never added to them.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "federation/common/run_record.hpp"
#include "privacy/dp_forward/forward_account.hpp"

namespace hippocrypt::cli {

struct HospitalForward {
  std::string name;
  privacy::ForwardReport report;
};

/// The hospitals whose ledgers hold releases of embeddings of the data set that this run used, by
/// this run or another. Errors: those of privacy::Ledger::open and privacy::forward_report.
Result<std::vector<HospitalForward>> read_forward_accounts(const std::filesystem::path& run_folder,
                                                           const federation::RunRecord& record);

/// For people, with what is claimed and what is not; empty without accounts.
std::string forward_text(const federation::RunRecord& record,
                         const std::vector<HospitalForward>& accounts);

/// [{name, mechanism, unit, relation, releases, epsilon, delta, budget}]; an infinite budget or
/// epsilon is null.
nlohmann::ordered_json forward_json(const std::vector<HospitalForward>& accounts);

}  // namespace hippocrypt::cli
