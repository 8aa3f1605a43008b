#include "cli/commands/run_budgets.hpp"

#include <fmt/format.h>

#include <cmath>

#include "cli/support/text_table.hpp"
#include "privacy/accounting/rdp_accountant.hpp"
#include "privacy/ledger/ledger.hpp"
#include "privacy/registry/registry.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;

std::string number(double value, int digits = 4) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : std::string{"unlimited"};
}

std::string epsilon_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.4f}", value) : std::string{"infinite"};
}

ordered_json optional_number(const std::optional<double>& value) {
  return value.has_value() ? ordered_json(*value) : ordered_json(nullptr);
}

std::string optional_text(const std::optional<double>& value) {
  return value.has_value() ? epsilon_text(*value) : std::string{"-"};
}

std::vector<std::string> remarks_of(const privacy::BudgetReport& report) {
  return privacy::remarks(report.spent, report.steps, report.delta);
}

bool endless(const privacy::BudgetReport& report) { return !std::isfinite(report.budget); }

/// The row whose data set is meant; null without any.
const privacy::LedgerRow* row_of_run(const federation::HospitalRecord& hospital,
                                     const federation::RunRecord& record,
                                     std::span<const privacy::LedgerRow> rows) {
  const privacy::LedgerRow* chosen = nullptr;
  for (const auto& row : rows) {
    if (row.entry.hospital != hospital.name) continue;
    chosen = &row;
    if (row.entry.run == record.run) break;
  }
  return chosen;
}

/// The rows, with those of other data sets with the same patients under the name of this run's
/// data set, where the ledger is one of a ledger home.
Result<std::vector<privacy::LedgerRow>> rows_of_patients(const std::filesystem::path& ledger,
                                                         const federation::HospitalRecord& hospital,
                                                         const federation::RunRecord& record,
                                                         std::span<const privacy::LedgerRow> rows) {
  std::vector<privacy::LedgerRow> all{rows.begin(), rows.end()};
  const privacy::LedgerRow* chosen = row_of_run(hospital, record, rows);
  if (!std::filesystem::path{hospital.ledger}.is_absolute() || chosen == nullptr) return all;
  const auto home = ledger.parent_path().parent_path().parent_path();
  const auto account = privacy::Registry::find(home, hospital.name, chosen->entry.dataset);
  if (!account && account.error().code == Errc::not_found) return all;  // an older run's
  if (!account) return account.error();
  return (*account)->rows_of(rows);
}

/// The account of the data set that this hospital's rows of this run name. A hospital that sat out
/// has none; its latest data set is meant then, which earlier runs may have spent from.
Result<privacy::BudgetReport> report_of(const federation::HospitalRecord& hospital,
                                        const federation::RunRecord& record,
                                        std::span<const privacy::LedgerRow> rows,
                                        const privacy::BudgetReportOptions& options) {
  const privacy::LedgerRow* chosen = row_of_run(hospital, record, rows);
  if (chosen != nullptr) {
    return privacy::budget_report(rows, record.delta, hospital.budget, chosen->entry.dataset,
                                  options);
  }
  privacy::BudgetReport nothing;
  nothing.delta = nothing.delta_total = record.delta;
  nothing.budget = nothing.remaining = hospital.budget;
  const privacy::SampledGaussian round{record.sampling_rate, record.noise_multiplier,
                                       record.steps_per_round};
  nothing.rounds_that_fit = privacy::BudgetAccountant{options.workspace}.rounds_that_fit(
      round, record.delta, hospital.budget);
  return nothing;
}

}  // namespace

Result<std::vector<HospitalBudget>> read_budgets(const std::filesystem::path& run_folder,
                                                 const federation::RunRecord& record,
                                                 const privacy::BudgetReportOptions& options) {
  std::vector<HospitalBudget> budgets;
  for (const auto& hospital : record.hospitals) {
    if (hospital.ledger.empty()) continue;  // it is with the hospital
    const auto path = run_folder / hospital.ledger;
    std::error_code ignored;
    const bool untouched = hospital.steps == 0 && !std::filesystem::exists(path, ignored);
    if (untouched) {
      HIPPOCRYPT_TRY(auto report, report_of(hospital, record, {}, options));
      budgets.push_back({hospital.name, std::move(report)});
      continue;
    }
    HIPPOCRYPT_TRY(const auto ledger, privacy::Ledger::open(path, privacy::LedgerMode::must_exist));
    HIPPOCRYPT_TRY(const auto rows, rows_of_patients(path, hospital, record, ledger.rows()));
    HIPPOCRYPT_TRY(auto report, report_of(hospital, record, rows, options));
    HospitalBudget budget{hospital.name, std::move(report), std::nullopt, ledger.head_hash()};
    if (!budget.report.rows.empty()) {
      budget.last = ledger.rows()[budget.report.rows.back().id - 1].entry;
    }
    budgets.push_back(std::move(budget));
  }
  return budgets;
}

ordered_json to_json(double delta, const std::vector<HospitalBudget>& budgets) {
  ordered_json hospitals = ordered_json::array();
  for (const auto& [name, report, last, head] : budgets) {
    ordered_json rounds = ordered_json::array();
    for (const auto& row : report.rows) {
      rounds.push_back({{"round", row.round},
                        {"q", row.sampling_rate},
                        {"sigma", row.noise_multiplier},
                        {"steps", row.steps},
                        {"epsilon", row.epsilon},
                        {"epsilon_rdp", row.rdp},
                        {"epsilon_pld", optional_number(row.pld)},
                        {"run", row.run}});
    }
    hospitals.push_back({{"name", name},
                         {"budget", report.budget},
                         {"epsilon", report.spent.epsilon},
                         {"epsilon_rdp", report.spent.rdp.epsilon},
                         {"epsilon_pld", optional_number(report.spent.pld)},
                         {"remarks", remarks_of(report)},
                         {"rounds_left", endless(report) ? ordered_json(nullptr)
                                                         : ordered_json(report.rounds_that_fit)},
                         {"unit", to_string(report.unit)},
                         {"relation", "add_remove"},
                         {"delta_total", report.delta_total},
                         {"rounds", std::move(rounds)}});
  }
  return {{"delta", delta}, {"hospitals", std::move(hospitals)}};
}

std::string round_table(const std::vector<HospitalBudget>& budgets) {
  TextTable table{{{"hospital"},
                   {"run"},
                   {"round", Align::right},
                   {"q", Align::right},
                   {"sigma", Align::right},
                   {"steps", Align::right},
                   {"RDP", Align::right},
                   {"PLD", Align::right},
                   {"budget", Align::right},
                   {"left", Align::right}}};
  for (const auto& [name, report, last, head] : budgets) {
    for (const auto& row : report.rows) {
      table.add_row({name, row.run, std::to_string(row.round),
                     fmt::format("{:g}", row.sampling_rate),
                     fmt::format("{:g}", row.noise_multiplier), std::to_string(row.steps),
                     epsilon_text(row.rdp), optional_text(row.pld), number(report.budget),
                     number(std::max(0.0, report.budget - row.epsilon))});
    }
  }
  return table.str();
}

std::string summary_table(const std::vector<HospitalBudget>& budgets) {
  TextTable table{{{"hospital"},
                   {"epsilon", Align::right},
                   {"RDP", Align::right},
                   {"PLD", Align::right},
                   {"budget", Align::right},
                   {"left", Align::right},
                   {"rounds that fit", Align::right},
                   {"delta", Align::right},
                   {"delta with overflow", Align::right}}};
  for (const auto& [name, report, last, head] : budgets) {
    table.add_row(
        {name, epsilon_text(report.spent.epsilon), epsilon_text(report.spent.rdp.epsilon),
         optional_text(report.spent.pld), number(report.budget), number(report.remaining),
         endless(report) ? std::string{"unlimited"} : std::to_string(report.rounds_that_fit),
         fmt::format("{:g}", report.delta), fmt::format("{:.6g}", report.delta_total)});
  }
  return table.str();
}

std::string account_note(const std::vector<HospitalBudget>& budgets) {
  std::string note =
      "epsilon: add/remove one unit, everything on record for the data set; the smaller of two "
      "upper "
      "bounds,\nthe Renyi accountant's (RDP) and the tight one's (PLD), and it is what the budget "
      "is "
      "held against\n";
  for (const auto& [name, report, last, head] : budgets) {
    for (const std::string& remark : remarks_of(report)) note += name + ": " + remark + '\n';
  }
  return note;
}

}  // namespace hippocrypt::cli
