#pragma once
// What hospitals of a real federation have reported of their privacy budgets, as the aggregator
// keeps it: reported_budgets.jsonl of its run folder, one line a statement, each as the hospital
// signed it. The figures are the hospitals' own; nobody but a hospital can check them against its
// ledger.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "federation/common/site_messages.hpp"
#include "federation/secagg/common/signatures.hpp"

namespace hippocrypt::federation {

/// Appends a statement that the holder of `key` has signed, durably. Errors: io.
Status keep_reported_budget(const std::filesystem::path& run_folder,
                            const BudgetStatement& statement, const secagg::PublicIdentity& key);

struct ReportedBudget {
  std::string time;  ///< UTC, when it came
  BudgetStatement statement;
  secagg::PublicIdentity key{};  ///< of the hospital's certificate
  /// It is of this run, and what the key that the hospital has used from the first signed.
  bool is_signed = false;
};

struct ReportedBudgets {
  /// By hospital in the order of their first statements, then by round; of two statements on a
  /// round the later holds.
  std::vector<ReportedBudget> statements;
  std::size_t damaged = 0;  ///< lines left out: torn, or not what is written
};

/// Verifies every signature again. Empty where nobody has reported. Errors: io, limit_exceeded,
/// unsupported (lines of another version).
Result<ReportedBudgets> read_reported_budgets(const std::filesystem::path& run_folder,
                                              const std::string& run);

}  // namespace hippocrypt::federation
