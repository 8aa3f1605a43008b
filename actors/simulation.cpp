#include "actors/simulation.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <caf/all.hpp>
#include <cmath>
#include <optional>
#include <thread>
#include <utility>

#include "actors/blind_server.hpp"
#include "actors/fedavg_aggregator.hpp"
#include "actors/hospital_client.hpp"
#include "actors/run_observer.hpp"
#include "federation/aggregator/measured_strategy.hpp"
#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/strategy_table.hpp"
#include "federation/client/adapter_factory.hpp"
#include "federation/common/quorum.hpp"
#include "federation/common/round_vector.hpp"
#include "federation/server/product_server.hpp"
#include "model/files/adapter_lora.hpp"
#include "model/source/open_model.hpp"
#include "protocol/in_process_transport.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FederationConfig;
using ServicePointer = std::shared_ptr<const protocol::FrameService>;

void tell_note(const SimulationOptions& options, std::string text) {
  if (!options.on_progress) return;
  federation::Progress progress;
  progress.kind = federation::ProgressKind::note;
  progress.source = "blind server";
  progress.text = std::move(text);
  options.on_progress(progress);
}

/// What everybody starts from, and the blind server if there is one.
struct SharedStart {
  model::ModelConfig model_config;
  model::LoraAdapter adapter;
  ServicePointer service;
  std::shared_ptr<const federation::SharedModel> model;  ///< every hospital's
};

std::size_t machine_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

Result<SharedStart> make_start(const SimulationOptions& options) {
  const FederationConfig& config = options.config;
  const std::string spec = config.model.path.string();
  // With the text side, which only hospitals need: without it none could start, and that should not
  // leave a run behind.
  HIPPOCRYPT_TRY(auto bundle, model::open_model(spec));
  const model::ModelConfig model_config = bundle.model.config;
  HIPPOCRYPT_TRY(auto adapter, federation::make_initial_adapter(config, model_config));
  SharedStart start{model_config, std::move(adapter), nullptr, nullptr};
  if (config.encryption.blind_head) model::offer_head(bundle.model);
  HIPPOCRYPT_TRY(auto residuals,
                 federation::residuals_for(config.encryption, bundle.model, machine_threads()));
  std::unique_ptr<protocol::ProductTransport> transport;
  if (config.encryption.uses_server()) {
    HIPPOCRYPT_TRY(auto server,
                   federation::start_product_server(config.encryption, config.server, spec,
                                                    model_config, std::move(bundle.model.base),
                                                    make_random(options.random, "blind server")));
    tell_note(options, std::move(server.note));
    start.service = std::move(server.service);
    transport = std::make_unique<protocol::InProcessTransport>(start.service);
  }
  HIPPOCRYPT_TRY(start.model,
                 federation::SharedModel::create(config.encryption, std::move(bundle),
                                                 std::move(residuals), transport.get()));
  return start;
}

federation::CoordinatorConfig coordinator_config(const FederationConfig& config) {
  federation::CoordinatorConfig coordinator;
  for (const auto& hospital : config.hospitals) coordinator.hospitals.push_back(hospital.name);
  coordinator.rounds = config.run.rounds;
  coordinator.rules = config.rounds;
  const auto hospitals = static_cast<std::uint32_t>(config.hospitals.size());
  coordinator.rules.quorum =
      std::min(hospitals, federation::quorum_of(config.rounds.quorum, hospitals, 1));
  return coordinator;
}

federation::CollectorFactory plain_collectors(const FederationConfig& config, std::size_t size) {
  std::map<std::string, std::uint32_t> weights;
  for (const auto& hospital : config.hospitals) weights[hospital.name] = hospital.weight;
  return [weights = std::move(weights), size] {
    return std::make_unique<federation::PlainCollector>(weights, size);
  };
}

/// The strategy that the configuration asks for; where both factors are averaged it also says what
/// that gets wrong.
std::unique_ptr<federation::Strategy> strategy_of(const FederationConfig& config,
                                                  const model::LoraAdapter& adapter) {
  federation::StrategySetup setup{config.aggregation, 0};
  for (const auto& hospital : config.hospitals) setup.total_weight += hospital.weight;
  auto strategy = federation::make_strategy(setup);
  if (config.adapter.mode != federation::AdapterMode::lora) return strategy;
  std::vector<federation::LowRankShape> shapes;
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (const auto& shape : adapter.shapes()) {
      shapes.push_back({adapter.config().rank(), shape.in, shape.out});
    }
  }
  return std::make_unique<federation::MeasuredStrategy>(std::move(strategy), std::move(shapes));
}

/// The actors of one federation; ends them when it dies.
class Federation {
 public:
  Federation(caf::actor_system& system, const SimulationOptions& options,
             const std::filesystem::path& run_folder, const federation::RunRecord& record,
             const SharedStart& start, const caf::actor& observer) {
    const auto& config = options.config;
    const auto trainable = federation::trainable_of(config.adapter.mode);
    auto aggregator = std::make_shared<AggregatorSpec>();
    aggregator->coordinator = coordinator_config(config);
    aggregator->strategy = strategy_of(config, start.adapter);
    aggregator->initial = federation::round_vector(
        config.aggregation.strategy,
        federation::gather_values(start.adapter, trainable, start.model_config));
    aggregator->collectors = plain_collectors(config, aggregator->initial.size());
    aggregator->adapter_fingerprint =
        federation::adapter_fingerprint(config.adapter.mode, start.adapter, start.model_config);
    aggregator->run_folder = run_folder;
    aggregator->observer = observer;
    aggregator_ = system.spawn(fedavg_aggregator, std::move(aggregator));
    if (start.service != nullptr) {
      server_ = system.spawn<caf::detached>(blind_server, start.service);
    }
    for (std::size_t i = 0; i < config.hospitals.size(); ++i) {
      auto spec = std::make_shared<HospitalSpec>();
      spec->options.config = config;
      spec->options.index = i;
      spec->options.ledger = run_folder / record.hospitals[i].ledger;  // an absolute path stays
      spec->options.run = record.run;
      spec->options.noise_seed = federation::noise_seed_file(run_folder, config.hospitals[i].name);
      spec->options.model = start.model;
      spec->options.random = make_random(options.random, config.hospitals[i].name);
      spec->server = server_;
      spec->aggregator = aggregator_;
      spec->observer = observer;
      spec->stop = options.stop;
      hospitals_.push_back(system.spawn<caf::detached>(hospital_client, std::move(spec)));
    }
  }
  ~Federation() {
    for (const auto& hospital : hospitals_) end(hospital);
    end(aggregator_);
    if (server_) end(server_);
  }
  Federation(const Federation&) = delete;
  Federation& operator=(const Federation&) = delete;

 private:
  template <class Handle>
  static void end(const Handle& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
  AggregatorActor aggregator_;
  BlindServerActor server_;
  std::vector<HospitalActor> hospitals_;
};

/// Listens until the run is over; false when the user stopped it.
bool listen(caf::scoped_actor& self, RunObserver& observer, const std::atomic<bool>& stop) {
  while (!observer.done()) {
    if (stop) return false;
    self->receive([&observer](deliver_atom, const Frame& frame) { observer.hear(*frame.bytes); },
                  caf::after(std::chrono::milliseconds{100}) >> [] {});
  }
  return true;
}

Status write_adapter(const SimulationOptions& options, SharedStart start,
                     const std::vector<float>& values, const std::filesystem::path& folder) {
  const auto trainable = federation::trainable_of(options.config.adapter.mode);
  model::scatter<float>(federation::adapter_part(options.config.aggregation.strategy, values),
                        trainable, start.adapter);
  return model::save_lora_adapter(start.adapter, options.config.model.path.string(), folder);
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
    return Error{Errc::unavailable, "the run stopped: " + observer.aggregator_failure()};
  }
  const auto folder = result.run_folder / "adapter";
  HIPPOCRYPT_TRY_VOID(write_adapter(options, start, *observer.final_adapter(), folder));
  record.adapter = folder.string();
  record.status = federation::RunStatus::finished;
  return {};
}

}  // namespace

Result<SimulationResult> simulate(const SimulationOptions& options) {
  const auto began = std::chrono::steady_clock::now();
  static const std::atomic<bool> never{false};
  SimulationOptions own = options;
  if (own.stop == nullptr) own.stop = &never;
  const auto& config = own.config;
  HIPPOCRYPT_TRY(const auto start, make_start(own));
  HIPPOCRYPT_TRY(const auto folder, federation::create_run_folder(own.runs, config.run.name));
  SimulationResult result{folder, start_record(config, config.hospitals, folder)};
  HIPPOCRYPT_TRY(result.record.dp_forward,
                 federation::forward_record(config, start.model_config->hidden));
  HIPPOCRYPT_TRY_VOID(federation::save_run_record(folder, result.record));
  RunObserver observer{folder, result.record, own.on_progress};
  bool completed = false;
  {
    caf::actor_system_config system_config;
    system_config.set("scheduler.max-threads", 2);
    caf::actor_system system{system_config};
    caf::scoped_actor self{system};
    const Federation actors{system,        own,   folder,
                            result.record, start, caf::actor_cast<caf::actor>(self)};
    completed = listen(self, observer, *own.stop);
  }  // the system waits for its actors
  result.record.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  Status outcome;
  if (completed) {
    outcome = conclude(own, start, observer, result);
  } else {
    result.record.status = federation::RunStatus::interrupted;
    outcome =
        Error{Errc::cancelled, "stopped by the user after " + std::to_string(result.record.rounds) +
                                   " of " + std::to_string(config.run.rounds) +
                                   " rounds; they are kept in " + folder.string()};
  }
  HIPPOCRYPT_TRY_VOID(federation::save_run_record(folder, result.record));
  if (!outcome) return std::move(outcome).error();
  return result;
}

}  // namespace hippocrypt::actors
