#include "cli/report/reported_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cli/support/text_table.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;

/// Enough to tell keys apart; all of it is in the JSON.
constexpr std::size_t shown_digits = 16;

std::string keys_text(const federation::ReportedBudgets& budgets) {
  std::map<std::string, std::string> keys;
  for (const auto& reported : budgets.statements) {
    keys.emplace(reported.statement.hospital, to_hex(reported.key).substr(0, shown_digits));
  }
  std::vector<std::string> parts;
  for (const auto& [hospital, key] : keys) parts.push_back(hospital + " " + key + "...");
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

bool has_no_ledgers(const federation::RunRecord& record) {
  return !record.hospitals.empty() &&
         std::all_of(record.hospitals.begin(), record.hospitals.end(),
                     [](const auto& hospital) { return hospital.ledger.empty(); });
}

Result<ReportedView> read_reported(const std::filesystem::path& run_folder) {
  ReportedView view;
  HIPPOCRYPT_TRY(view.record, federation::load_run_record(run_folder));
  HIPPOCRYPT_TRY(view.budgets, federation::read_reported_budgets(run_folder, view.record.run));
  for (const auto& hospital : view.record.hospitals) {
    const auto& all = view.budgets.statements;
    const bool has_reported = std::any_of(all.begin(), all.end(), [&](const auto& reported) {
      return reported.statement.hospital == hospital.name;
    });
    if (!has_reported) view.silent.push_back(hospital.name);
  }
  return view;
}

std::vector<federation::ReportedBudget> ReportedView::latest() const {
  std::vector<federation::ReportedBudget> last;
  for (const auto& reported : budgets.statements) {
    const bool is_same =
        !last.empty() && last.back().statement.hospital == reported.statement.hospital;
    if (is_same) last.pop_back();
    last.push_back(reported);
  }
  return last;
}

std::string mark_of(const federation::ReportedBudget& reported) {
  return reported.is_signed ? "reported (signed)" : "NOT SIGNED: altered, or not the hospital's";
}

std::string reported_text(const ReportedView& view) {
  TextTable table{{{"hospital"},
                   {"round", Align::right},
                   {"epsilon", Align::right},
                   {"delta", Align::right},
                   {"steps", Align::right},
                   {"unit"},
                   {"mark"}}};
  for (const auto& reported : view.budgets.statements) {
    const auto& said = reported.statement;
    table.add_row({said.hospital, std::to_string(said.round),
                   std::isfinite(said.epsilon) ? fmt::format("{:.4f}", said.epsilon) : "infinite",
                   fmt::format("{:g}", said.delta), std::to_string(said.steps), said.unit,
                   mark_of(reported)});
  }
  std::string text;
  if (!view.budgets.statements.empty()) {
    text += table.str() +
            "the hospitals' own figures, each signed with the key of its certificate (" +
            keys_text(view.budgets) +
            ");\ntheir ledgers stay with them, and nobody else can check the figures\n";
  }
  if (!view.silent.empty()) {
    text += fmt::format("no report from {}: a hospital chooses, by [hospital] report_budget\n",
                        fmt::join(view.silent, ", "));
  }
  if (view.budgets.damaged > 0) {
    text += fmt::format("{} damaged lines were left out\n", view.budgets.damaged);
  }
  return text;
}

ordered_json reported_json(const ReportedView& view) {
  ordered_json reported = ordered_json::array();
  for (const auto& each : view.budgets.statements) {
    const auto& said = each.statement;
    reported.push_back({{"hospital", said.hospital},
                        {"round", said.round},
                        {"epsilon", said.epsilon},
                        {"delta", said.delta},
                        {"steps", said.steps},
                        {"unit", said.unit},
                        {"signed", each.is_signed},
                        {"key", to_hex(each.key)},
                        {"time", each.time}});
  }
  return {{"reported", std::move(reported)},
          {"silent", view.silent},
          {"damaged_lines", view.budgets.damaged}};
}

}  // namespace hippocrypt::cli
