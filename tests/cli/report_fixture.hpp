#pragma once
// Runs as a report meets them, without running any.

#include <cmath>
#include <limits>
#include <string>

#include "cli/report/report_data.hpp"

namespace hippocrypt::cli {

/// A finished run in which hospital `i` misses every (11 + i)-th round.
inline ReportData sample_report(std::uint32_t hospitals, std::uint32_t rounds) {
  namespace metrics = federation::metrics;
  ReportData data;
  auto& record = data.record;
  record.run = "demo";
  record.status = federation::RunStatus::finished;
  record.oracle = "encrypted";
  record.delta = 1e-5;
  record.rounds = record.rounds_planned = rounds;
  record.seconds = 321;
  record.bytes_up = 14'497'300'000;
  record.bytes_down = 10'017'800'000;
  record.adapter = "runs/demo/adapter";
  record.hospitals.resize(hospitals);
  data.software = "hippocrypt 0.1";
  data.epsilon.title = "demo";
  data.history.start.rounds_planned = rounds;
  data.history.start.settings = {{"aggregation.strategy", "fedavg"}, {"secagg.enabled", "true"}};
  data.history.started = "2026-01-31T12:00:00.000Z";
  Comparison comparison{120'000, 5.1, 4.45, {}};
  for (std::uint32_t h = 0; h < hospitals; ++h) {
    auto& hospital = record.hospitals[h];
    hospital.name = "hospital-" + std::to_string(h + 1);
    hospital.budget = 8;
    hospital.loss_before = 5.1 + 0.02 * (h % 7);
    hospital.loss_after = 4.4 + 0.03 * (h % 11);
    hospital.steps = 4 * rounds;
    comparison.alone[hospital.name] = 4.6 + 0.01 * h;
    EpsilonCurve curve;
    curve.hospital = hospital.name;
    curve.budget = 8;
    for (std::uint32_t r = 1; r <= rounds; ++r) {
      const bool absent = r % (11 + h) == 0;
      auto& round = data.history.rounds[r];
      round.round = r;
      round.outcome = "closed";
      round.seconds = 5 + 0.5 * (r % 4);
      round.loss = 5 - 0.1 * std::sqrt(r);
      round.resident_bytes = 800'000'000 + 1'000'000 * r;
      round.bytes_up += 21'000'000;
      round.bytes_down += 21'000'000;
      metrics::Hospital part{hospital.name, r, absent ? "late" : "contributed",
                             absent ? "40 s after the deadline" : ""};
      part.loss = 5 - 0.1 * std::sqrt(r) + 0.05 * std::sin(r * 1.7 + h);
      part.bytes_up = 90'000'000;
      part.bytes_down = 60'000'000;
      if (absent) {
        round.absent[hospital.name] = {"late", part.detail};
      } else {
        round.contributed.push_back(hospital.name);
      }
      data.history.hospitals[hospital.name][r] = part;
      curve.epsilon.push_back(1.5 + (0.2 + 0.01 * (h % 5)) * std::sqrt(r));
      curve.rdp.push_back(curve.epsilon.back() + 0.3);
    }
    hospital.epsilon = curve.epsilon.empty() ? 0 : curve.epsilon.back();
    data.epsilon.curves.push_back(std::move(curve));
    data.privacy.push_back({hospital.name, hospital.epsilon, 8, 120, 1.003e-5, {}});
  }
  data.comparison = comparison;
  return data;
}

}  // namespace hippocrypt::cli
