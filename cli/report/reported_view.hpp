#pragma once
// What `budget` and `report` show of an aggregator's run: budgets that hospitals have reported.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "federation/common/run_record.hpp"
#include "federation/report/reported_budgets.hpp"

namespace hippocrypt::cli {

/// As an aggregator's: the ledgers are with the hospitals.
bool has_no_ledgers(const federation::RunRecord& record);

struct ReportedView {
  federation::RunRecord record;
  federation::ReportedBudgets budgets;
  std::vector<std::string> silent;  ///< hospitals that have reported nothing

  /// The last statement of each hospital.
  std::vector<federation::ReportedBudget> latest() const;
};
/// Errors: those of load_run_record and read_reported_budgets.
Result<ReportedView> read_reported(const std::filesystem::path& run_folder);

/// "reported (signed)", or what is wrong with it.
std::string mark_of(const federation::ReportedBudget& reported);
/// One row a hospital and round, and what that is worth.
std::string reported_text(const ReportedView& view);
/// {reported[{hospital, round, epsilon, delta, steps, unit, signed, key, time}], silent[names],
/// damaged_lines}; an infinite epsilon is null.
nlohmann::ordered_json reported_json(const ReportedView& view);

}  // namespace hippocrypt::cli
