// The top of the page: how it ended, where the model is, what failed; and how the parts compare.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/report/html_parts.hpp"
#include "cli/report/svg_text.hpp"
#include "cli/support/quantities.hpp"

namespace hippocrypt::cli {
namespace {

using federation::RunStatus;

const char* css_of(RunStatus status) {
  switch (status) {
    case RunStatus::finished:
      return "good";
    case RunStatus::failed:
      return "bad";
    case RunStatus::running:
    case RunStatus::interrupted:
      return "warn";
  }
  return "warn";
}

/// 2026-01-31T12:00:00.000Z as people write it.
std::string time_text(const std::string& time) {
  if (time.size() < 16) return time.empty() ? "-" : time;
  return time.substr(0, 10) + " " + time.substr(11, 5) + " UTC";
}

/// Of what hospitals chose to report and have signed.
std::string worst_reported(const ReportedView& view) {
  const federation::BudgetStatement* worst = nullptr;
  const auto latest = view.latest();
  for (const auto& reported : latest) {
    const auto& said = reported.statement;
    if (reported.is_signed && (worst == nullptr || said.epsilon > worst->epsilon)) worst = &said;
  }
  if (worst == nullptr) return "-";
  return fmt::format("ε {} ({}, as reported)",
                     std::isfinite(worst->epsilon) ? figure_text(worst->epsilon, 2) : "unlimited",
                     worst->hospital);
}

std::string worst_privacy(const ReportData& data) {
  if (data.reported) return worst_reported(*data.reported);
  const auto worst =
      std::max_element(data.privacy.begin(), data.privacy.end(),
                       [](const auto& a, const auto& b) { return a.epsilon < b.epsilon; });
  if (worst == data.privacy.end()) return "-";
  return fmt::format("ε {} of {} ({})", figure_text(worst->epsilon, 2), budget_text(worst->budget),
                     worst->hospital);
}

std::string facts(const ReportData& data) {
  const auto& record = data.record;
  const std::pair<const char*, std::string> rows[] = {
      {"rounds", fmt::format("{} of {}", record.rounds, record.rounds_planned)},
      {"hospitals", std::to_string(record.hospitals.size())},
      {"who multiplies", record.oracle},
      {"began", time_text(data.history.started)},
      {"took", duration_text(record.seconds)},
      {"largest privacy loss", worst_privacy(data)}};
  std::string out = "<dl class=\"facts\">\n";
  for (const auto& [term, value] : rows) {
    out +=
        fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", markup_text(term), markup_text(value));
  }
  return out + "</dl>\n";
}

std::string failures(const ReportData& data) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& hospital : data.record.hospitals) {
    if (!hospital.failure.empty()) rows.push_back({hospital.name, hospital.failure});
  }
  if (rows.empty()) return {};
  return "<h3 class=\"bad\">Hospitals that did not end well</h3>\n" +
         html_table("", {{"hospital", "name"}, {"cause", "text"}}, rows);
}

}  // namespace

std::string header_section(const ReportData& data) {
  const auto& record = data.record;
  std::string out =
      fmt::format("<header>\n<h1>Run {}</h1>\n<p><span class=\"badge {}\">{}</span>",
                  markup_text(record.run), css_of(record.status), to_string(record.status));
  if (data.history.resumed > 0) {
    out += fmt::format(" <span class=\"soft\">resumed {} {}</span>", data.history.resumed,
                       data.history.resumed == 1 ? "time" : "times");
  }
  out += "</p>\n" + facts(data);
  if (data.history.end && !data.history.end->cause.empty()) {
    out += html_paragraph(data.history.end->cause);
  }
  out += record.adapter.empty()
             ? std::string{"<p class=\"soft\">There is no final adapter.</p>\n"}
             : "<p>Adapter: <code>" + markup_text(record.adapter) + "</code></p>\n";
  return out + failures(data) + "</header>\n";
}

std::string comparison_section(const ReportData& data) {
  if (!data.comparison) return {};
  const Comparison& comparison = *data.comparison;
  const auto change = [&](double loss) {
    const double percent = 100 * (loss / comparison.start - 1);
    return std::isfinite(percent) ? fmt::format("{:+.2f} %", percent) : std::string{"-"};
  };
  std::vector<std::vector<std::string>> rows;
  std::vector<double> losses;
  for (const auto& [name, loss] : comparison.alone) {
    const bool better = comparison.federated < loss;
    rows.push_back({name + " alone", figure_text(loss), change(loss), better ? "worse" : "better"});
    if (std::isfinite(loss)) losses.push_back(loss);
  }
  std::sort(losses.begin(), losses.end());
  const auto beaten =
      losses.end() - std::upper_bound(losses.begin(), losses.end(), comparison.federated);
  std::vector<std::vector<std::string>> top{
      {"before training", figure_text(comparison.start), "", ""},
      {"federated", figure_text(comparison.federated), change(comparison.federated), ""}};
  if (rows.size() > 12 && !losses.empty()) {
    const std::pair<const char*, double> marks[] = {{"best hospital alone", losses.front()},
                                                    {"median", losses[losses.size() / 2]},
                                                    {"worst hospital alone", losses.back()}};
    for (const auto& [name, loss] : marks) {
      top.push_back({name, figure_text(loss), change(loss),
                     comparison.federated < loss ? "worse" : "better"});
    }
  } else {
    top.insert(top.end(), rows.begin(), rows.end());
    rows.clear();
  }
  const std::vector<HtmlColumn> columns{
      {"adapter", "name"}, {"loss", "number"}, {"change", "number"}, {"than federated"}};
  std::string body = html_paragraph(
      fmt::format("Held-out loss on the patients of all hospitals together, {} tokens. The "
                  "federated adapter beats {} of the {} that hospitals trained alone.",
                  comparison.pooled_tokens, beaten, comparison.alone.size()));
  body += html_table("", columns, top);
  if (!rows.empty()) {
    body += html_details(fmt::format("All {} hospitals alone", rows.size()),
                         html_table("", columns, rows));
  }
  return html_section("Federated against alone", body);
}

}  // namespace hippocrypt::cli
