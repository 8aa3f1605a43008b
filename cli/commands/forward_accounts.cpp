#include "cli/commands/forward_accounts.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "cli/commands/forward_output.hpp"
#include "cli/support/text_table.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::cli {
namespace {

std::string number(double value, const char* if_infinite) {
  return std::isfinite(value) ? fmt::format("{:.4f}", value) : std::string{if_infinite};
}

/// A row of the data set that this hospital used in this run, or used last; null without any.
const privacy::LedgerRow* row_of(std::span<const privacy::LedgerRow> rows,
                                 const std::string& hospital, const std::string& run) {
  const privacy::LedgerRow* chosen = nullptr;
  for (const auto& row : rows) {
    if (row.entry.hospital != hospital) continue;
    chosen = &row;
    if (row.entry.run == run) break;
  }
  return chosen;
}

}  // namespace

Result<std::vector<HospitalForward>> read_forward_accounts(const std::filesystem::path& run_folder,
                                                           const federation::RunRecord& record) {
  const double delta = record.dp_forward ? record.dp_forward->delta : record.delta;
  const double budget =
      record.dp_forward ? record.dp_forward->budget : std::numeric_limits<double>::infinity();
  std::vector<HospitalForward> accounts;
  for (const auto& hospital : record.hospitals) {
    const auto path = run_folder / hospital.ledger;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;  // read_budgets knows whether it may
    HIPPOCRYPT_TRY(const auto ledger, privacy::Ledger::open(path, privacy::LedgerMode::must_exist));
    const auto* row = row_of(ledger.rows(), hospital.name, record.run);
    if (row == nullptr) continue;
    HIPPOCRYPT_TRY(auto report,
                   privacy::forward_report(ledger.rows(), row->entry.dataset, delta, budget));
    if (report.releases > 0) accounts.push_back({hospital.name, report});
  }
  return accounts;
}

std::string forward_text(const federation::RunRecord& record,
                         const std::vector<HospitalForward>& accounts) {
  if (accounts.empty()) return {};
  TextTable table{{{"hospital"},
                   {"releases of a sequence", Align::right},
                   {"epsilon", Align::right},
                   {"budget", Align::right},
                   {"left", Align::right},
                   {"delta", Align::right}}};
  for (const auto& [name, report] : accounts) {
    table.add_row({name, std::to_string(report.releases), number(report.epsilon, "infinite"),
                   number(report.budget, "unlimited"), number(report.remaining, "unlimited"),
                   fmt::format("{:g}", report.delta)});
  }
  std::string text =
      "DP-Forward: noisy embeddings, an account of its own (local, by sequence, any pair)\n" +
      table.str();
  if (record.dp_forward) {
    const auto& forward = *record.dp_forward;
    const privacy::MatrixGaussianParams params{forward.clip, forward.noise_multiplier,
                                               forward.features, forward.tokens};
    text += noise_sentence(params) + "\n";
  }
  return text +
         "It says what the noisy embeddings show. An adapter learns to predict the clean tokens: "
         "its\n"
         "epsilon is DP-SGD's alone, and the two are not added up.\n";
}

nlohmann::ordered_json forward_json(const std::vector<HospitalForward>& accounts) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const auto& [name, report] : accounts) {
    out.push_back({{"name", name},
                   {"mechanism", "matrix_gaussian"},
                   {"unit", "sequence"},
                   {"relation", "any_pair"},
                   {"releases", report.releases},
                   {"epsilon", report.epsilon},
                   {"delta", report.delta},
                   {"budget", report.budget}});
  }
  return out;
}

}  // namespace hippocrypt::cli
