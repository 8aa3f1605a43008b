#pragma once
// A run's state as a page for Prometheus: text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "federation/report/metrics_event.hpp"

namespace hippocrypt::federation::metrics {

/// For any number of threads: one adds, others ask for the page.
class PrometheusPage {
 public:
  explicit PrometheusPage(std::string run) : run_{std::move(run)} {}

  void add(const Event& event);
  /// `resident_bytes`: of the process, now.
  std::string text(std::uint64_t resident_bytes) const;

 private:
  struct Site {
    double epsilon = unknown, budget = unknown, seconds = unknown;
    std::uint64_t rounds = 0;
    std::uint64_t bytes_up = 0, bytes_down = 0;
  };
  void take(const RunStart& event);
  void take(const Round& event);
  void take(const Hospital& event);

  const std::string run_;
  mutable std::mutex mutex_;  // guards all below
  RunStart start_;
  Round last_;
  std::uint64_t completed_ = 0, voided_ = 0;
  double seconds_sum_ = 0;
  std::uint64_t bytes_up_ = 0, bytes_down_ = 0;
  std::map<std::string, std::uint64_t> absences_;  ///< cause → count
  std::map<std::string, Site> sites_;
};

}  // namespace hippocrypt::federation::metrics
