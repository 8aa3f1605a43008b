#include "actors/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <caf/all.hpp>
#include <cmath>
#include <optional>
#include <utility>

#include "actors/actor_threads.hpp"
#include "actors/run_observer.hpp"
#include "actors/simulated_federation.hpp"
#include "federation/common/run_settings.hpp"
#include "federation/report/run_start.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FederationConfig;

/// Listens until the run is over; false when the user stopped it.
bool listen(caf::scoped_actor& self, RunObserver& observer, const federation::RunRecord& record,
            std::atomic<std::uint32_t>& rounds_over, const std::atomic<bool>& stop) {
  while (!observer.done()) {
    if (stop) return false;
    self->receive([&observer](deliver_atom, const Frame& frame) { observer.hear(*frame.bytes); },
                  [&](const caf::down_msg& down) {
                    observer.lose_aggregator(self->system().render(down.reason));
                  },
                  caf::after(std::chrono::milliseconds{100}) >> [] {});
    rounds_over = record.rounds;
  }
  return true;
}

/// Errors: budget_exhausted when nobody took a step and somebody had no budget for it.
Status check_somebody_could_spend(const federation::RunRecord& record) {
  const auto& all = record.hospitals;
  const bool trained =
      std::any_of(all.begin(), all.end(), [](const auto& entry) { return entry.steps > 0; });
  const auto sat_out = std::find_if(all.begin(), all.end(),
                                    [](const auto& entry) { return entry.rounds_sat_out > 0; });
  if (trained || sat_out == all.end()) return {};
  return Error{Errc::budget_exhausted, "no hospital could train: " + sat_out->name +
                                           "'s privacy budget does not allow a single round; take "
                                           "fewer steps a round, more noise, or a larger budget"};
}

/// How far a run that was stopped has come, and how it goes on.
std::string way_on(const SimulationResult& result) {
  return fmt::format(
      "after {} of {} rounds; they are kept in {}, go on with: hippocrypt simulate "
      "--resume {}",
      result.record.rounds, result.record.rounds_planned, result.run_folder.string(),
      result.run_folder.string());
}

Status conclude(const SimulationOptions& options, const SharedStart& start,
                const RunObserver& observer, SimulationResult& result) {
  auto& record = result.record;
  record.status = federation::RunStatus::failed;  // until the end
  const bool anybody = std::any_of(record.hospitals.begin(), record.hospitals.end(),
                                   [](const auto& hospital) { return hospital.failure.empty(); });
  if (!anybody) {
    return Error{Errc::unavailable,
                 "no hospital ended well; the first said: " + record.hospitals.front().failure};
  }
  HIPPOCRYPT_TRY_VOID(check_somebody_could_spend(record));
  if (!observer.aggregator_failure().empty()) {
    return Error{Errc::unavailable, "the run stopped, because " + observer.aggregator_failure() +
                                        ", " + way_on(result)};
  }
  const auto folder = result.run_folder / "adapter";
  HIPPOCRYPT_TRY_VOID(
      write_adapter(options.config, start.adapter, *observer.final_adapter(), folder));
  record.adapter = folder.string();
  record.status = federation::RunStatus::finished;
  return {};
}

/// Besides the configuration: what must be as it was for a run to go on.
std::vector<federation::Setting> settings_of(const FederationConfig& config,
                                             const SharedStart& start) {
  auto settings = federation::federation_settings(config);
  settings.push_back({"model.path (its weights)", to_hex(start.weights)});
  return settings;
}

/// True when it came to its end. Errors: those of SimulatedFederation::create.
Result<bool> hold_run(const SimulationOptions& options, const SharedStart& start,
                      const OpenRun& run, RunObserver& observer) {
  const SimulationResult& result = run.result;
  caf::actor_system_config system_config;
  caf::actor_system system{with_few_threads(system_config)};  // waits for its actors when it dies
  caf::scoped_actor self{system};
  const auto rounds_over = std::make_shared<std::atomic<std::uint32_t>>(result.record.rounds);
  HIPPOCRYPT_TRY(const auto actors, SimulatedFederation::create(
                                        system, {options, result.run_folder, start, run.journal,
                                                 caf::actor_cast<caf::actor>(self), rounds_over}));
  self->monitor(actors->aggregator());
  return listen(self, observer, result.record, *rounds_over, *options.stop);
}

}  // namespace

Result<SimulationResult> simulate(const SimulationOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  static const std::atomic<bool> never{false};
  SimulationOptions own = options;
  if (own.stop == nullptr) own.stop = &never;
  HIPPOCRYPT_TRY(const auto start, make_start(own));
  HIPPOCRYPT_TRY(OpenRun run,
                 open_run(own.config, settings_of(own.config, start), own.runs, own.resume));
  SimulationResult& result = run.result;
  auto& record = result.record;
  HIPPOCRYPT_TRY(record.dp_forward,
                 federation::forward_record(own.config, start.model_config->hidden));
  HIPPOCRYPT_TRY_VOID(federation::save_run_record(result.run_folder, record));
  if (own.on_run_folder) HIPPOCRYPT_TRY_VOID(own.on_run_folder(result.run_folder));
  RunObserver observer{result.run_folder, record, {own.on_progress, own.on_event}};
  observer.begin(federation::metrics::run_start(own.config, record.rounds + 1));
  const auto completed = hold_run(own, start, run, observer);
  record.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  Status outcome;
  if (!completed) {
    record.status = federation::RunStatus::failed;
    outcome = completed.error();
  } else if (*completed) {
    outcome = conclude(own, start, observer, result);
  } else {
    record.status = federation::RunStatus::interrupted;
    outcome = Error{Errc::cancelled, "stopped by the user " + way_on(result)};
  }
  observer.end(outcome ? std::string{} : outcome.error().detail);
  HIPPOCRYPT_TRY_VOID(federation::save_run_record(result.run_folder, record));
  if (!outcome) return std::move(outcome).error();
  return std::move(result);
}

}  // namespace hippocrypt::actors
