#pragma once
// Internal to cli/report: the page's elements, and its sections.

#include <string>
#include <string_view>
#include <vector>

#include "cli/report/report_data.hpp"

namespace hippocrypt::cli {

/// The text of an embedded file, by its name without folder and extension.
std::string_view report_asset(std::string_view name);

struct HtmlColumn {
  std::string header;
  const char* css = "";  ///< of its cells: "number", "name", "text" or nothing
};
/// Cells are escaped here.
std::string html_table(const std::string& caption, const std::vector<HtmlColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows);
/// The same, but above 15 rows only the first few, and all of them when asked for.
std::string html_long_table(const std::string& what, const std::vector<HtmlColumn>& columns,
                            const std::vector<std::vector<std::string>>& rows);
std::string html_section(const std::string& heading, const std::string& body);
std::string html_paragraph(const std::string& text);
/// Shown when asked for.
std::string html_details(const std::string& summary, const std::string& body);

/// "-" for what is not finite.
std::string figure_text(double value, int digits = 4);
std::string budget_text(double budget);

/// Rounds on record that the run can have had: nothing else's numbers are believed.
std::vector<federation::metrics::Round> rounds_of(const ReportData& data);

/// Names in the record's order, then those that only the metrics know.
std::vector<std::string> hospitals_of(const ReportData& data);

std::string header_section(const ReportData& data);
std::string comparison_section(const ReportData& data);
std::string loss_section(const ReportData& data);
std::string privacy_section(const ReportData& data);
std::string participation_section(const ReportData& data);
std::string cost_section(const ReportData& data);
std::string settings_section(const ReportData& data);

}  // namespace hippocrypt::cli
