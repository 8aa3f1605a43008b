#include "cli/report/html_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/report/html_parts.hpp"
#include "cli/report/svg_text.hpp"

namespace hippocrypt::cli {

std::string html_table(const std::string& caption, const std::vector<HtmlColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows) {
  std::string out = "<div class=\"scroll\"><table>";
  if (!caption.empty()) out += "<caption>" + markup_text(caption) + "</caption>";
  out += "<thead><tr>";
  for (const auto& column : columns) {
    out += fmt::format("<th scope=\"col\" class=\"{}\">{}</th>", column.css,
                       markup_text(column.header));
  }
  out += "</tr></thead><tbody>\n";
  for (const auto& row : rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += fmt::format("<td class=\"{}\">{}</td>", columns[i].css, markup_text(row[i]));
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string html_long_table(const std::string& what, const std::vector<HtmlColumn>& columns,
                            const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t most_open = 15, few = 8;
  if (rows.size() <= most_open) return html_table("", columns, rows);
  return html_table(fmt::format("the first {} of {}", few, rows.size()), columns,
                    {rows.begin(), rows.begin() + few}) +
         html_details(fmt::format("All {} {}", rows.size(), what), html_table("", columns, rows));
}

std::string html_section(const std::string& heading, const std::string& body) {
  return "<section>\n<h2>" + markup_text(heading) + "</h2>\n" + body + "</section>\n";
}

std::string html_paragraph(const std::string& text) { return "<p>" + markup_text(text) + "</p>\n"; }

std::string html_details(const std::string& summary, const std::string& body) {
  return "<details><summary>" + markup_text(summary) + "</summary>\n" + body + "</details>\n";
}

std::string figure_text(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : std::string{"-"};
}

std::string budget_text(double budget) {
  return std::isfinite(budget) ? fmt::format("{:g}", budget) : std::string{"unlimited"};
}

std::vector<federation::metrics::Round> rounds_of(const ReportData& data) {
  const std::uint32_t most =
      std::max(data.record.rounds_planned, data.history.start.rounds_planned);
  std::vector<federation::metrics::Round> rounds;
  for (const auto& [number, round] : data.history.rounds) {
    if (number >= 1 && number <= most) rounds.push_back(round);
  }
  return rounds;
}

std::vector<std::string> hospitals_of(const ReportData& data) {
  std::vector<std::string> names;
  for (const auto& hospital : data.record.hospitals) names.push_back(hospital.name);
  for (const auto& [name, parts] : data.history.hospitals) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string html_report(const ReportData& data) {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>" +
      markup_text("Run " + data.record.run) + "</title>\n<style>\n";
  page += report_asset("report");
  page += "</style>\n</head>\n<body>\n<main>\n";
  page += header_section(data) + comparison_section(data) + loss_section(data) +
          privacy_section(data) + participation_section(data) + cost_section(data) +
          settings_section(data);
  page += "<footer>" +
          markup_text(data.software +
                      ". Made from the run folder's record, metrics and ledgers; this page loads "
                      "nothing from anywhere.") +
          "</footer>\n</main>\n</body>\n</html>\n";
  return page;
}

}  // namespace hippocrypt::cli
