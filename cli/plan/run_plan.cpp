#include "cli/plan/run_plan.hpp"

#include <algorithm>
#include <numeric>

#include "base/parallel.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/aggregator/strategies/strategy_table.hpp"
#include "federation/client/dealt_notes.hpp"
#include "federation/client/local_plan.hpp"
#include "federation/client/lot_packing.hpp"
#include "federation/common/quorum.hpp"
#include "federation/secagg/common/configured.hpp"
#include "model/source/open_model.hpp"

namespace hippocrypt::cli {
namespace {

using federation::Traffic;

/// Of the largest pass that any hospital makes. Without a server a pass is as large as its lot.
std::size_t pass_tokens(const federation::FederationConfig& config,
                        const federation::LocalPlan& plan) {
  const auto& encryption = config.encryption;
  const std::size_t room = federation::step_room(config.training, encryption).pass_tokens;
  std::size_t heldout = 0, training = 0;
  for (const auto& sequence : plan.data.heldout) heldout += sequence.size();
  for (const auto& unit : plan.data.train) training += unit.token_count();
  if (encryption.uses_server()) return room;
  // A lot that is half as large again as the mean one hardly ever comes.
  const double lot = 1.5 * config.privacy.sampling_rate * static_cast<double>(training) +
                     config.training.max_patient_tokens;
  return std::min(room, static_cast<std::size_t>(lot));
}

PlannedFor command_of(const PlanOptions& options) {
  if (options.site) return PlannedFor::join;
  return options.config.hospitals.size() == 1 ? PlannedFor::train : PlannedFor::simulate;
}

std::vector<std::size_t> planned(const PlanOptions& options) {
  if (options.site) return {options.site->hospital};
  std::vector<std::size_t> all(options.config.hospitals.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace

const char* to_string(PlannedFor command) {
  switch (command) {
    case PlannedFor::train:
      return "train";
    case PlannedFor::simulate:
      return "simulate";
    case PlannedFor::join:
      break;
  }
  return "join";
}

Traffic RunPlan::server_round() const { return server.step * config.run.steps_per_round; }

Traffic RunPlan::server_products(const HospitalPlan& hospital) const {
  return server.products(hospital.budget.steps) +
         server.evaluation * config.simulation.evaluations(config.run.rounds);
}

Traffic RunPlan::aggregator_total(const HospitalPlan& hospital) const {
  return hospital.aggregator.total(config.run.rounds);
}

Traffic RunPlan::network_round(const HospitalPlan& hospital) const {
  const auto& aggregator = hospital.aggregator;
  return federation::products_on_link(server, config.run.steps_per_round) +
         federation::on_link(aggregator.round, aggregator.round_frames);
}

std::size_t RunPlan::step_tokens() const {
  const auto room = federation::step_room(config.training, config.encryption);
  return room.passes * room.pass_tokens;
}

std::size_t RunPlan::at_work() const {
  const std::size_t derived = processors * (config.encryption.uses_server() ? 2 : 1);
  const std::size_t workers = config.simulation.workers > 0 ? config.simulation.workers : derived;
  return std::min(hospitals.size(), workers);
}

std::uint64_t RunPlan::peak_bytes() const {
  if (command == PlannedFor::join) return memory.hospital_process();
  if (!calibration) return memory.peak(at_work());
  return calibration->base_bytes + at_work() * calibration->hospital_bytes;
}

double RunPlan::round_seconds() const {
  const double cores = static_cast<double>(processors);
  const double all = static_cast<double>(hospitals.size()) * calibration->step_processor_seconds;
  return config.run.steps_per_round * std::max(calibration->step_seconds, all / cores);
}

double RunPlan::run_seconds() const {
  const double cores = static_cast<double>(processors);
  const double sites = static_cast<double>(hospitals.size());
  const double evaluation = std::max(calibration->evaluation_seconds,
                                     sites * calibration->evaluation_processor_seconds / cores);
  std::uint32_t rounds = 0;
  for (const auto& hospital : hospitals) rounds = std::max(rounds, hospital.budget.rounds);
  return calibration->set_up_seconds + calibration->site_seconds * std::max(1.0, sites / cores) +
         (2 + config.simulation.evaluations(config.run.rounds)) * evaluation +
         rounds * round_seconds();
}

std::uint32_t RunPlan::quorum() const {
  const auto sites = static_cast<std::uint32_t>(config.hospitals.size());
  const std::uint32_t least = std::max(secagg ? secagg->smallest_sum() : 1,
                                       federation::fewest_contributors(config.aggregation));
  return std::min(sites, federation::quorum_of(config.rounds.quorum, sites, least));
}

bool RunPlan::budgets_suffice() const {
  return std::all_of(hospitals.begin(), hospitals.end(), [this](const HospitalPlan& hospital) {
    return hospital.budget.rounds == config.run.rounds;
  });
}

Result<RunPlan> plan_run(const PlanOptions& options) {
  const auto& config = options.config;
  RunPlan out;
  out.config = config;
  out.command = command_of(options);
  if (config.masks_sums()) {
    HIPPOCRYPT_TRY(out.secagg, federation::secagg::params_of(config));
  }
  out.processors = machine_threads();
  {
    const std::string model_path = config.model.path.string();
    HIPPOCRYPT_TRY(const auto bundle, options.site ? model::open_hospital_model(model_path)
                                                   : model::open_model(model_path));
    const model::ModelConfig& shape = bundle.model.config;
    std::optional<std::uint64_t> hint_cache;
    if (options.site) hint_cache = options.site->hint_cache_bytes;
    HIPPOCRYPT_TRY(out.server, federation::server_traffic(config, shape, hint_cache));
    HIPPOCRYPT_TRY(const auto notes, federation::deal_notes(config));
    std::size_t largest_pass = 0;
    for (const std::size_t i : planned(options)) {
      HIPPOCRYPT_TRY(const auto plan,
                     federation::make_local_plan(config, i, federation::text_codec(bundle), shape,
                                                 notes[i].get()));
      const auto trainable = federation::trainable_of(config.adapter.mode);
      out.values = model::trainable_count(shape, plan.adapter.config(), trainable);
      largest_pass = std::max(largest_pass, pass_tokens(config, plan));
      HIPPOCRYPT_TRY(const auto before, federation::rows_before(config, i, plan.data));
      HIPPOCRYPT_TRY(auto budget, federation::forecast_budget(config.run, config.privacy.unit,
                                                              plan.params, before));
      HospitalPlan hospital{
          config.hospitals[i].name, plan.data.train.size(), {}, std::move(budget)};
      if (!out.is_alone()) {
        HIPPOCRYPT_TRY(hospital.aggregator, federation::aggregator_traffic(config, i, out.values));
      }
      out.hospitals.push_back(std::move(hospital));
    }
    out.memory = federation::forecast_memory(config, shape, largest_pass);
  }
  if (!options.calibrate || options.site) {
    out.calibration_missing =
        options.site ? "it is the line's and the server's; `hippocrypt preflight` measures the line"
                     : "--no-calibration";
    return out;
  }
  auto calibration = calibrate(
      {config, 0, out.is_alone() ? out.processors : 1, 8, options.scratch, options.on_note});
  if (calibration) {
    out.calibration = *calibration;
  } else if (calibration.error().code == Errc::limit_exceeded) {
    out.calibration_missing = calibration.error().detail;
  } else {
    return calibration.error();
  }
  return out;
}

}  // namespace hippocrypt::cli
