#pragma once
// What the ledgers of a run say, as the `budget` command and the end of `simulate` show it.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "federation/common/run_record.hpp"
#include "privacy/ledger/budget_report.hpp"

namespace hippocrypt::cli {

struct HospitalBudget {
  std::string name;
  privacy::BudgetReport report;  ///< without rows when the hospital has not spent anything
  /// The account's last row, and the hash at the head of its ledger.
  std::optional<privacy::LedgerEntry> last = std::nullopt;
  Hash256 head{};
};

/// Opens and verifies every hospital's ledger. A ledger that does not exist although the record
/// says that steps were taken is an error. Whoever reads the same run again passes the same
/// options. Errors: those of privacy::Ledger::open and privacy::budget_report.
Result<std::vector<HospitalBudget>> read_budgets(const std::filesystem::path& run_folder,
                                                 const federation::RunRecord& record,
                                                 const privacy::BudgetReportOptions& options = {});

/// {delta, hospitals[{name, budget, epsilon, epsilon_rdp, epsilon_pld, rounds_left, rounds[{round,
/// q, sigma, steps, epsilon, epsilon_rdp, epsilon_pld}]}]}; epsilon is the smaller of the two. An
/// infinite budget or epsilon is null, and so is rounds_left without a limit.
nlohmann::ordered_json to_json(double delta, const std::vector<HospitalBudget>& budgets);

/// One row a hospital and round.
std::string round_table(const std::vector<HospitalBudget>& budgets);
/// One row a hospital.
std::string summary_table(const std::vector<HospitalBudget>& budgets);
/// What the columns mean, and what is remarkable.
std::string account_note(const std::vector<HospitalBudget>& budgets);

}  // namespace hippocrypt::cli
