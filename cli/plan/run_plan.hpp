#pragma once
// Everything that `plan` foresees of a run, and what follows from it.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/plan/calibration.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/plan/aggregator_traffic.hpp"
#include "federation/plan/budget_forecast.hpp"
#include "federation/plan/link_traffic.hpp"
#include "federation/plan/memory_forecast.hpp"
#include "federation/plan/server_traffic.hpp"
#include "federation/secagg/common/params.hpp"

namespace hippocrypt::cli {

/// Which command the run is planned for.
enum class PlannedFor : std::uint8_t {
  train,     ///< one hospital, on all processors, without an aggregator
  simulate,  ///< all of them in one process
  join       ///< one hospital of a federation over the network; the others are not looked at
};
const char* to_string(PlannedFor command);

struct HospitalPlan {
  std::string name;
  std::size_t units = 0;                     ///< patients or notes that are trained on
  federation::AggregatorTraffic aggregator;  ///< zeros where one hospital trains alone
  federation::BudgetForecast budget;
};

struct RunPlan {
  federation::FederationConfig config;
  PlannedFor command = PlannedFor::simulate;
  std::size_t processors = 1;
  std::size_t values = 0;            ///< trained values of the adapter
  federation::ServerTraffic server;  ///< of each hospital
  federation::MemoryForecast memory;
  std::optional<federation::secagg::Params> secagg;  ///< where it is on
  std::optional<Calibration> calibration;
  std::string calibration_missing;  ///< why there is none
  std::vector<HospitalPlan> hospitals;  ///< that are planned

  bool is_alone() const { return command == PlannedFor::train; }
  /// Products of one hospital's round, and of all that it takes part in with the evaluations.
  federation::Traffic server_round() const;
  federation::Traffic server_products(const HospitalPlan& hospital) const;
  federation::Traffic aggregator_total(const HospitalPlan& hospital) const;
  /// Of one round, with what links between processes add; without heartbeats.
  federation::Traffic network_round(const HospitalPlan& hospital) const;
  /// That every step sends, whatever its lot holds.
  std::size_t step_tokens() const;

  /// Hospitals of one process that work at a time, as `simulate` lets them.
  std::size_t at_work() const;
  /// Measured where there is a calibration, else from shapes.
  std::uint64_t peak_bytes() const;
  /// Of all hospitals in this process, seconds; they share the processors. Need the calibration.
  double round_seconds() const;
  double run_seconds() const;

  /// Fewest contributors of a round that counts.
  std::uint32_t quorum() const;

  /// Every hospital's budget allows every round.
  bool budgets_suffice() const;
};

struct PlannedSite {
  std::size_t hospital = 0;  ///< which of config.hospitals
  std::uint64_t hint_cache_bytes = 0;
};

struct PlanOptions {
  federation::FederationConfig config;
  std::optional<PlannedSite> site;  ///< that joins over the network; none: all run in one process
  bool calibrate = true;            ///< never of a site: its products are the server's
  std::filesystem::path scratch;
  std::function<void(const std::string&)> on_note;  ///< may be empty
};

/// Charges, enrols and sends nothing. Errors: those of opening the model, of make_local_plan, of
/// the forecasts and of calibrate, but for limit_exceeded, which leaves the calibration out.
Result<RunPlan> plan_run(const PlanOptions& options);

}  // namespace hippocrypt::cli
