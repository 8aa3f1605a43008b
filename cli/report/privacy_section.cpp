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

}  // namespace

std::string privacy_section(const ReportData& data) {
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
