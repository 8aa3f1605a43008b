// Who was in which round, and why not.

#include <fmt/format.h>

#include <algorithm>

#include "cli/report/chart.hpp"
#include "cli/report/html_parts.hpp"
#include "cli/report/svg_text.hpp"

namespace hippocrypt::cli {
namespace {

using federation::metrics::Hospital;

struct Cause {
  const char* name;  ///< as federation::AbsenceCause has it
  char letter;
  const char* css;
  const char* meaning;
};
constexpr Cause causes[] = {
    {"contributed", '+', "in", "in the sum"},
    {"silent", 'S', "out", "silent: no sign of life, or its connection was lost"},
    {"late", 'L', "late", "late: alive, but not done in time"},
    {"failed", 'F', "out", "failed: it said that it cannot contribute"},
    {"sat out", 'B', "sat", "sat out: its privacy budget does not allow the round"},
    {"refused", 'R', "out", "refused: it sent what cannot be used"},
    {"never joined", 'N', "out", "had not joined yet"}};

char letter_of(const std::string& status) {
  for (const Cause& cause : causes) {
    if (status == cause.name) return cause.letter;
  }
  return status.empty() ? ' ' : '?';
}

std::string cause_text(const Hospital& part) {
  return part.detail.empty() ? part.status : part.status + ": " + part.detail;
}

std::string key(const GridChart& chart) {
  std::string out = "<ul class=\"legend\">";
  for (const Cause& cause : causes) {
    const bool used = std::any_of(chart.rows.begin(), chart.rows.end(), [&](const auto& row) {
      return std::any_of(row.cells.begin(), row.cells.end(),
                         [&](const auto& cell) { return cell.kind == cause.letter; });
    });
    if (!used) continue;
    out += fmt::format("<li><span class=\"key {}\">{}</span> {}</li>", cause.css,
                       cause.letter == '+' ? std::string{"&#160;"} : std::string(1, cause.letter),
                       markup_text(cause.meaning));
  }
  return out + "</ul>\n";
}

/// Consecutive rounds with the same cause are one row.
std::vector<std::vector<std::string>> absences(
    const ReportData& data, const std::vector<federation::metrics::Round>& rounds) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : hospitals_of(data)) {
    const auto found = data.history.hospitals.find(name);
    if (found == data.history.hospitals.end()) continue;
    const auto& parts = found->second;
    std::uint32_t first = 0, last = 0;
    std::string cause;
    const auto flush = [&] {
      if (first == 0) return;
      rows.push_back({name,
                      first == last ? std::to_string(first) : fmt::format("{} to {}", first, last),
                      cause});
      first = 0;
    };
    for (const auto& round : rounds) {
      const auto part = parts.find(round.round);
      const bool absent = part != parts.end() && part->second.status != "contributed" &&
                          !part->second.status.empty();
      const std::string why = absent ? cause_text(part->second) : std::string{};
      if (first != 0 && (!absent || why != cause)) flush();
      if (!absent) continue;
      if (first == 0) first = round.round;
      last = round.round;
      cause = why;
    }
    flush();
  }
  return rows;
}

}  // namespace

std::string participation_section(const ReportData& data) {
  const auto rounds = rounds_of(data);
  GridChart chart{"Hospitals by round: who contributed, and why not", "round", 0, {}};
  for (const auto& round : rounds) chart.columns = std::max(chart.columns, round.round);
  for (const auto& name : hospitals_of(data)) {
    GridChart::Row row{name, std::vector<GridChart::Cell>(chart.columns)};
    const auto found = data.history.hospitals.find(name);
    if (found == data.history.hospitals.end()) continue;
    for (const auto& [number, part] : found->second) {
      if (number < 1 || number > chart.columns) continue;
      const char letter = letter_of(part.status);
      row.cells[number - 1] = {letter, letter == '+' ? std::string{} : cause_text(part)};
    }
    chart.rows.push_back(std::move(row));
  }
  std::string body = grid_chart(chart) + key(chart);
  const auto rows = absences(data, rounds);
  const std::string table =
      html_table("", {{"hospital", "name"}, {"rounds", "number"}, {"cause", "text"}}, rows);
  constexpr std::size_t most_open = 12;
  if (rows.empty() && chart.columns > 0) {
    body += html_paragraph("Every hospital was in every round.");
  } else if (rows.size() > most_open) {
    body += html_details(fmt::format("All {} absences with their causes", rows.size()), table);
  } else if (!rows.empty()) {
    body += "<h3>Absences</h3>\n" + table;
  }
  return html_section("Participation", body);
}

}  // namespace hippocrypt::cli
