// What was spent, and what that promises.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/report/chart.hpp"
#include "cli/report/html_parts.hpp"

namespace hippocrypt::cli {
namespace {

std::string epsilon_chart(const ReportData& data) {
  LineChart chart{"Epsilon spent against rounds, for each hospital",
                  "rounds on record for the hospital's patients",
                  "epsilon",
                  {}};
  chart.from_zero = true;
  for (const EpsilonCurve& curve : data.epsilon.curves) {
    ChartSeries series{curve.hospital, {{0, 0}}};
    for (std::size_t i = 0; i < curve.epsilon.size(); ++i) {
      series.points.push_back({static_cast<double>(i + 1), curve.epsilon[i]});
    }
    if (!curve.epsilon.empty()) chart.series.push_back(std::move(series));
  }
  for (const double budget : budgets_of(data.epsilon)) {
    chart.levels.push_back({budget, fmt::format("budget {:g}", budget)});
  }
  return line_chart(chart);
}

std::string account_table(const ReportData& data) {
  std::vector<std::vector<std::string>> rows;
  auto accounts = data.privacy;
  const auto share = [](const PrivacyRow& row) { return row.epsilon / row.budget; };
  std::stable_sort(accounts.begin(), accounts.end(),
                   [&](const auto& a, const auto& b) { return share(a) > share(b); });
  for (const auto& row : accounts) {
    const bool endless = !std::isfinite(row.budget);
    rows.push_back({row.hospital, figure_text(row.epsilon), budget_text(row.budget),
                    endless ? "unlimited" : std::to_string(row.rounds_left),
                    fmt::format("{:.6g}", row.delta_total)});
  }
  return html_long_table("accounts, the nearest to its budget first",
                         {{"hospital", "name"},
                          {"epsilon", "number"},
                          {"budget", "number"},
                          {"more rounds that fit", "number"},
                          {"delta with overflow", "number"}},
                         rows);
}

std::string reported_chart(const ReportedView& view) {
  LineChart chart{"Epsilon that hospitals have reported against rounds", "round", "epsilon", {}};
  chart.from_zero = true;
  for (const auto& reported : view.budgets.statements) {
    if (!reported.is_signed) continue;
    const auto& said = reported.statement;
    const bool is_new = chart.series.empty() || chart.series.back().name != said.hospital;
    if (is_new) chart.series.push_back({said.hospital, {}});
    chart.series.back().points.push_back({static_cast<double>(said.round), said.epsilon});
  }
  return line_chart(chart);
}

const std::vector<HtmlColumn> reported_columns{
    {"hospital", "name"}, {"round", "number"}, {"epsilon", "number"}, {"delta", "number"},
    {"steps", "number"},  {"unit", "text"},    {"mark", "text"}};

std::vector<std::vector<std::string>> reported_rows(
    const std::vector<federation::ReportedBudget>& statements) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& reported : statements) {
    const auto& said = reported.statement;
    rows.push_back({said.hospital, std::to_string(said.round), figure_text(said.epsilon),
                    fmt::format("{:g}", said.delta), std::to_string(said.steps), said.unit,
                    mark_of(reported)});
  }
  return rows;
}

/// Of an aggregator's run: it has no ledgers.
std::string reported_section(const ReportedView& view) {
  const auto& all = view.budgets.statements;
  const auto latest = view.latest();
  std::string body;
  if (!all.empty()) {
    body = reported_chart(view) +
           html_long_table("last reports", reported_columns, reported_rows(latest));
  }
  if (all.size() > latest.size()) {
    body += html_details("Every round's reports",
                         html_table("", reported_columns, reported_rows(all)));
  }
  for (const std::string& name : view.silent) {
    body += html_paragraph(name + " has reported nothing of its budget.");
  }
  return body + html_paragraph(
                    "Ledgers stay with the hospitals. What is shown is what they chose to report: "
                    "their own figures, signed with the keys of their certificates. Nobody else "
                    "can check the figures.");
}

}  // namespace

std::string privacy_section(const ReportData& data) {
  if (data.reported) return html_section("Privacy", reported_section(*data.reported));
  const bool patient = data.unit == "patient";
  std::string body =
      epsilon_chart(data) + account_table(data) +
      html_paragraph(fmt::format(
          "Claim: what leaves a hospital changes by no more than a factor e^epsilon in "
          "probability, "
          "except with probability delta, if one {} is added to or removed from its data set "
          "(unit: "
          "{}; relation: add or remove one; delta {:g}, with lots that overflow as in the table). "
          "Epsilon is of everything on record for the data set, the smaller of two upper bounds, "
          "PLD and RDP.",
          patient ? "patient with all their notes" : "note", data.unit, data.record.delta));
  body += html_paragraph(
      "Assumed: which patients are in a lot stays secret (a simulation draws its lots from its "
      "seed, so the figure is that of lots that nobody can predict); sampling rate, noise, clip "
      "and "
      "number of steps do not depend on the patients; no hyper-parameters were searched on them "
      "without charging those runs; a patient is in one hospital; delta is below one over the "
      "number of units. Losses on this page are outside the claim: in a real federation they stay "
      "at the hospital.");
  for (const auto& row : data.privacy) {
    for (const auto& remark : row.remarks)
      body += html_paragraph(row.hospital + ": " + remark + ".");
  }
  return html_section("Privacy", body);
}

}  // namespace hippocrypt::cli
