// Time, traffic and memory by round.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/report/chart.hpp"
#include "cli/report/html_parts.hpp"
#include "cli/report/svg_text.hpp"
#include "cli/support/quantities.hpp"

namespace hippocrypt::cli {
namespace {

using federation::metrics::Hospital;
using federation::metrics::Round;

/// To and from the blind server, of all hospitals in a round.
std::pair<std::uint64_t, std::uint64_t> server_bytes(const ReportData& data, std::uint32_t round) {
  std::pair<std::uint64_t, std::uint64_t> sum{0, 0};
  for (const auto& [name, parts] : data.history.hospitals) {
    const auto part = parts.find(round);
    if (part == parts.end()) continue;
    sum.first += part->second.bytes_up;
    sum.second += part->second.bytes_down;
  }
  return sum;
}

std::string seconds_chart(const std::vector<Round>& rounds) {
  BarChart chart{"Seconds of every round", "round", "time", {""}, {}, duration_text};
  for (const auto& round : rounds) chart.bars.push_back({round.round, {round.seconds}});
  return bar_chart(chart);
}

std::string bytes_chart(const ReportData& data, const std::vector<Round>& rounds, bool server) {
  const char* title = server ? "Bytes between hospitals and blind server, by round"
                             : "Bytes between hospitals and aggregator, by round";
  BarChart chart{title, "round", "bytes", {"up", "down"}, {}, bytes_text};
  for (const auto& round : rounds) {
    const auto [up, down] =
        server ? server_bytes(data, round.round) : std::pair{round.bytes_up, round.bytes_down};
    chart.bars.push_back({round.round, {static_cast<double>(up), static_cast<double>(down)}});
  }
  return bar_chart(chart);
}

std::string memory_chart(const std::vector<Round>& rounds) {
  LineChart chart{"Resident memory of the process", "round", "GB", {{"resident memory", {}}}};
  for (const auto& round : rounds) {
    const double gigabytes = round.resident_bytes > 0
                                 ? static_cast<double>(round.resident_bytes) / 1e9
                                 : std::numeric_limits<double>::quiet_NaN();
    chart.series[0].points.push_back({static_cast<double>(round.round), gigabytes});
  }
  chart.from_zero = true;
  return line_chart(chart);
}

std::string round_table(const ReportData& data, const std::vector<Round>& rounds) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& round : rounds) {
    const auto voided = data.history.void_before.find(round.round);
    const std::uint32_t before = voided == data.history.void_before.end() ? 0 : voided->second;
    rows.push_back({std::to_string(round.round), round.outcome, std::to_string(before),
                    std::to_string(round.contributed.size()), duration_text(round.seconds),
                    bytes_text(static_cast<double>(round.bytes_up)),
                    bytes_text(static_cast<double>(round.bytes_down)), figure_text(round.loss),
                    std::isfinite(round.aggregation_error)
                        ? fmt::format("{:.3g}", round.aggregation_error)
                        : std::string{"-"},
                    round.note});
  }
  return html_table("",
                    {{"round", "number"},
                     {"outcome", ""},
                     {"void before", "number"},
                     {"contributed", "number"},
                     {"time", "number"},
                     {"up", "number"},
                     {"down", "number"},
                     {"training loss", "number"},
                     {"aggregation error", "number"},
                     {"note", "text"}},
                    rows);
}

}  // namespace

std::string cost_section(const ReportData& data) {
  const auto rounds = rounds_of(data);
  if (rounds.empty()) {
    return html_section("Time and traffic", html_paragraph("No round is on record."));
  }
  std::string body = "<h3>Time</h3>\n" + seconds_chart(rounds);
  body += "<h3>Between hospitals and aggregator</h3>\n" + bytes_chart(data, rounds, false);
  const bool served = data.record.bytes_up + data.record.bytes_down > 0;
  if (served) {
    body +=
        "<h3>Between hospitals and blind server</h3>\n" + bytes_chart(data, rounds, true) +
        html_paragraph(fmt::format("In all, with measurements of held-out loss: {} up, {} down.",
                                   bytes_text(static_cast<double>(data.record.bytes_up)),
                                   bytes_text(static_cast<double>(data.record.bytes_down))));
  }
  body += "<h3>Memory</h3>\n" + memory_chart(rounds);
  body += html_details("Every round in figures", round_table(data, rounds));
  return html_section("Time and traffic", body);
}

std::string settings_section(const ReportData& data) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : data.history.start.settings) rows.push_back({key, value});
  if (rows.empty()) {
    const auto& record = data.record;
    rows = {{"run.rounds", std::to_string(record.rounds_planned)},
            {"run.steps_per_round", std::to_string(record.steps_per_round)},
            {"encryption.oracle", record.oracle},
            {"privacy.sampling_rate", fmt::format("{:g}", record.sampling_rate)},
            {"privacy.noise_multiplier", fmt::format("{:g}", record.noise_multiplier)},
            {"privacy.delta", fmt::format("{:g}", record.delta)}};
  }
  const std::vector<HtmlColumn> columns{{"setting", "name"}, {"value", "text"}};
  std::string body;
  std::vector<std::vector<std::string>> of_rounds;  // what the federation did; the rest on demand
  for (const auto& row : rows) {
    for (const char* section : {"aggregation.", "secagg.", "rounds.", "adapter.mode"}) {
      if (row[0].rfind(section, 0) == 0) of_rounds.push_back(row);
    }
  }
  if (!of_rounds.empty()) body += html_table("", columns, of_rounds);
  body += html_details("All settings that decide the result", html_table("", columns, rows));
  if (data.damaged_lines > 0) {
    body += html_paragraph(
        fmt::format("{} damaged lines of metrics.jsonl were left out.", data.damaged_lines));
  }
  std::vector<std::vector<std::string>> notes;
  for (const auto& note : data.history.notes) {
    notes.push_back(
        {note.round == 0 ? std::string{} : std::to_string(note.round), note.source, note.text});
  }
  if (!notes.empty()) {
    body += html_details(
        fmt::format("What was said during the run ({} notes)", notes.size()),
        html_table("", {{"round", "number"}, {"source", "name"}, {"note", "text"}}, notes));
  }
  return html_section("Settings", body);
}

}  // namespace hippocrypt::cli
