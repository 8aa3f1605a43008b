// Losses: on held-out patients and in training.

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "cli/report/chart.hpp"
#include "cli/report/html_parts.hpp"

namespace hippocrypt::cli {
namespace {

LineChart training_loss(const ReportData& data) {
  LineChart chart{
      "Mean training loss by round, for each hospital", "round", "loss (nats a token)", {}};
  const auto rounds = rounds_of(data);
  for (const auto& name : hospitals_of(data)) {
    const auto found = data.history.hospitals.find(name);
    if (found == data.history.hospitals.end()) continue;
    const auto& parts = found->second;
    ChartSeries series{name, {}};
    for (const auto& round : rounds) {
      const auto part = parts.find(round.round);
      const double value = part == parts.end() ? federation::metrics::unknown : part->second.loss;
      series.points.push_back({static_cast<double>(round.round), value});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

/// What the hospitals saw when they looked, by the rounds that were over then, and the loss at the
/// end; without a series where nobody looked within the run.
LineChart heldout_over_rounds(const ReportData& data) {
  LineChart chart{"Held-out loss by round, for each hospital",
                  "rounds that are over",
                  "loss (nats a token)",
                  {}};
  for (const auto& hospital : data.record.hospitals) {
    const auto found = data.history.hospitals.find(hospital.name);
    if (found == data.history.hospitals.end()) continue;
    ChartSeries series{hospital.name, {}};
    for (const auto& [round, part] : found->second) {
      if (std::isfinite(part.heldout_loss))
        series.points.push_back({round - 1.0, part.heldout_loss});
    }
    if (series.points.empty()) continue;
    if (std::isfinite(hospital.loss_after)) {
      series.points.push_back({static_cast<double>(data.record.rounds), hospital.loss_after});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

std::string before_and_after(const ReportData& data) {
  ChangeChart chart{"Held-out loss before and after", "loss (nats a token); left is better", {}};
  std::vector<std::vector<std::string>> rows;
  for (const auto& hospital : data.record.hospitals) {
    chart.rows.push_back({hospital.name, hospital.loss_before, hospital.loss_after});
    const double change = 100 * (hospital.loss_after / hospital.loss_before - 1);
    rows.push_back({hospital.name, figure_text(hospital.loss_before),
                    figure_text(hospital.loss_after),
                    std::isfinite(change) ? fmt::format("{:+.2f} %", change) : std::string{"-"},
                    std::to_string(hospital.steps), std::to_string(hospital.rounds_sat_out)});
  }
  return change_chart(chart) +
         html_details("The same in figures", html_table("",
                                                        {{"hospital", "name"},
                                                         {"before", "number"},
                                                         {"after", "number"},
                                                         {"change", "number"},
                                                         {"steps", "number"},
                                                         {"rounds sat out", "number"}},
                                                        rows));
}

}  // namespace

std::string loss_section(const ReportData& data) {
  if (data.reported) {
    return html_section("Loss",
                        html_paragraph("Losses stay with the hospitals: 'hippocrypt report' "
                                       "on a hospital's own run folder shows them."));
  }
  std::string body = html_paragraph(
      "Held-out loss is measured by each hospital on its own patients that no training step saw.");
  const auto heldout = heldout_over_rounds(data);
  if (!heldout.series.empty()) body += "<h3>Held out, by round</h3>\n" + line_chart(heldout);
  body += "<h3>Held out, before and after</h3>\n" + before_and_after(data);
  body += "<h3>Training loss</h3>\n" + line_chart(training_loss(data));
  return html_section("Loss", body);
}

}  // namespace hippocrypt::cli
