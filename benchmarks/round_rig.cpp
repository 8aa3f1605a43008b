#include "benchmarks/round_rig.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <caf/all.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "actors/actor_threads.hpp"
#include "actors/fedavg_aggregator.hpp"
#include "actors/hospital_client.hpp"
#include "base/check.hpp"
#include "base/random.hpp"
#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/client/round_state.hpp"
#include "federation/secagg/aggregator/secagg_collector.hpp"

namespace hippocrypt::bench {
namespace {

using actors::deliver_atom;
using actors::frame_of;
using actors::join_atom;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Everybody's part in secure aggregation; no runs without it.
struct SecureParts {
  std::vector<std::shared_ptr<const federation::SecureRun>> runs;  // one a hospital
  std::optional<federation::CollectorFactory> collectors;
};

SecureParts secure_parts(const RoundRigOptions& options, const std::vector<std::string>& names) {
  SecureParts parts;
  if (!options.masked) return parts;
  namespace secagg = federation::secagg;
  SystemRandom random;
  std::vector<secagg::Member> members;
  std::vector<std::shared_ptr<const secagg::IdentityKey>> keys;
  for (const auto& name : names) {
    keys.push_back(
        std::make_shared<const secagg::IdentityKey>(secagg::IdentityKey::create(random)));
    members.push_back({name, keys.back()->public_part(), 1});
  }
  const auto roster =
      std::make_shared<const secagg::Roster>(secagg::Roster::create(std::move(members)).value());
  const auto params =
      secagg::Params::create({.weights = std::vector<std::uint32_t>(names.size(), 1)}).value();
  for (std::size_t i = 0; i < names.size(); ++i) {
    parts.runs.push_back(std::make_shared<const federation::SecureRun>(
        federation::SecureRun{"bench", names[i], params, roster, keys[i], 1}));
  }
  parts.collectors =
      secagg::secagg_collectors({params, roster, "bench", options.values, 1}).value();
  return parts;
}

/// In the place of the worker that trains: every round has the same update, kept as a hospital
/// keeps what it trained before it leaves.
struct IdleWorker {
  static constexpr const char* name = "idle_worker";
  std::shared_ptr<actors::HospitalWorkerSpec> spec;
  Hash256 identity{};
  std::vector<float> update;
};

using Self = actors::HospitalWorkerActor::stateful_pointer<IdleWorker>;

void answer(Self self, const federation::RoundStart& start) {
  const auto& options = self->state.spec->options;
  federation::RoundState state;
  state.round = start.round;
  state.start = federation::start_hash(start.values);
  state.training.values = self->state.update;
  const auto kept = federation::save_round_state(options.folder / "rounds.state", state);
  HIPPOCRYPT_CHECK(kept.has_value());
  auto update = std::make_shared<federation::Update>();
  update->hospital = options.config->hospitals[options.index].name;
  update->round = start.round;
  update->attempt = start.attempt;
  update->values = std::move(state.training.values);
  self->send(self->state.spec->client, actors::trained_atom::value, std::move(update));
}

actors::HospitalWorkerActor::behavior_type idle_worker(Self self, IdleWorker setup) {
  self->state = std::move(setup);
  return {
      [self](join_atom) {
        const auto& options = self->state.spec->options;
        auto ready = std::make_shared<actors::HospitalReady>();
        ready->join = federation::Join{
            options.config->hospitals[options.index].name, {}, self->state.identity};
        ready->journal = federation::HospitalJournal::open(options.folder, {}).value();
        self->send(self->state.spec->client, actors::ready_atom::value,
                   actors::HospitalReadyPointer{std::move(ready)});
      },
      [self](actors::train_atom, const actors::RoundStartPointer& start) { answer(self, *start); },
      [](actors::settle_atom, std::uint32_t, bool) {},
      [self](actors::finish_atom, const actors::Frame&) {
        self->send(self->state.spec->client, actors::finish_atom::value);
      },
  };
}

federation::FederationConfig config_of(const std::vector<std::string>& names) {
  federation::FederationConfig config;
  for (const auto& name : names) config.hospitals.push_back({.name = name, .notes = {}});
  return config;
}

std::shared_ptr<actors::HospitalSpec> hospital_spec(
    const RoundRigOptions& options, const federation::FederationConfig& config, std::size_t index,
    const std::shared_ptr<const federation::SecureRun>& secure) {
  auto spec = std::make_shared<actors::HospitalSpec>();
  spec->options.config = std::make_shared<const federation::FederationConfig>(config);
  spec->options.index = index;
  spec->options.folder = options.folder / config.hospitals[index].name;
  spec->secure = secure;
  spec->secure_random = std::make_shared<SystemRandom>();
  spec->make_worker = [secure, count = options.values](
                          caf::actor_system& system,
                          std::shared_ptr<actors::HospitalWorkerSpec> work) {
    IdleWorker worker{std::move(work), secure ? secure->identity->public_part() : Hash256{},
                      std::vector<float>(count, 1e-3F)};
    return actors::HospitalWorkerActor{system.spawn<caf::detached>(idle_worker, std::move(worker))};
  };
  return spec;
}

std::shared_ptr<actors::AggregatorSpec> aggregator_spec(const RoundRigOptions& options,
                                                        const std::vector<std::string>& names,
                                                        const SecureParts& secure) {
  auto spec = std::make_shared<actors::AggregatorSpec>();
  std::map<std::string, std::uint32_t> weights;
  for (const auto& name : names) weights[name] = 1;
  spec->coordinator.hospitals = names;
  spec->coordinator.rounds = static_cast<std::uint32_t>(options.rounds);
  spec->coordinator.rules.quorum = static_cast<std::uint32_t>(names.size());
  spec->strategy = std::make_unique<federation::FedAvg>();
  spec->collectors = [weights = std::move(weights), size = options.values] {
    return std::make_unique<federation::PlainCollector>(weights, size);
  };
  if (secure.collectors) spec->collectors = *secure.collectors;
  spec->initial.resize(options.values);
  spec->adapter_fingerprint = {};
  spec->chunk_bytes = std::size_t{spec->coordinator.rules.chunk_kib} * 1024;
  spec->journal = std::make_shared<federation::RunJournal>(
      federation::RunJournal::open(options.folder, {}).value());
  return spec;
}

/// When the rounds ended, as the observer hears it.
std::vector<double> listen(caf::scoped_actor& observer) {
  std::vector<double> ends;
  bool is_over = false;
  const auto begin = Clock::now();
  while (!is_over) {
    observer->receive(
        [&](deliver_atom, const actors::Frame& frame) {
          const auto progress = federation::decode_progress(*frame.bytes);
          if (progress && progress->kind == federation::ProgressKind::round) {
            ends.push_back(seconds_since(begin));
          }
          is_over |= federation::decode_final_adapter(*frame.bytes).has_value();
          if (const auto report = federation::decode_report(*frame.bytes)) {
            std::fprintf(stderr, "%s: %s\n", report->hospital.c_str(), report->failure.c_str());
            is_over = true;
          }
        },
        caf::after(std::chrono::seconds{60}) >> [&is_over] { is_over = true; });
  }
  return ends;
}

}  // namespace

std::vector<double> time_rounds(const RoundRigOptions& options) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < options.hospitals; ++i) {
    names.push_back("hospital-" + std::to_string(i + 1));
    std::filesystem::create_directories(options.folder / names.back());
  }
  caf::actor_system_config config;
  caf::actor_system system{actors::with_few_threads(config)};
  caf::scoped_actor observer{system};
  const SecureParts secure = secure_parts(options, names);
  auto spec = aggregator_spec(options, names, secure);
  spec->observer = caf::actor_cast<caf::actor>(observer);
  const auto aggregator = system.spawn(actors::fedavg_aggregator, std::move(spec));
  std::vector<actors::HospitalClientActor> hospitals;
  const auto hospital_config = config_of(names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto hospital =
        hospital_spec(options, hospital_config, i, options.masked ? secure.runs[i] : nullptr);
    hospital->aggregator = aggregator;
    hospital->observer = caf::actor_cast<caf::actor>(observer);
    hospitals.push_back(system.spawn<caf::detached>(actors::hospital_client, std::move(hospital)));
  }
  const auto ends = listen(observer);
  for (const auto& hospital : hospitals) {
    caf::anon_send_exit(hospital, caf::exit_reason::user_shutdown);
  }
  caf::anon_send_exit(aggregator, caf::exit_reason::user_shutdown);
  std::vector<double> durations;
  for (std::size_t i = 1; i < ends.size(); ++i) durations.push_back(ends[i] - ends[i - 1]);
  return durations;
}

std::vector<double> time_durable_writes(const std::filesystem::path& folder, std::size_t bytes,
                                        std::size_t times) {
  const Bytes block(bytes, 1);
  const auto path = folder / "raw.bin";
  std::vector<double> durations;
  for (std::size_t i = 0; i < times; ++i) {
    const auto begin = Clock::now();
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    HIPPOCRYPT_CHECK(file >= 0);
    HIPPOCRYPT_CHECK(::write(file, block.data(), block.size()) ==
                     static_cast<ssize_t>(block.size()));
    HIPPOCRYPT_CHECK(::fdatasync(file) == 0 && ::close(file) == 0);
    durations.push_back(seconds_since(begin));
  }
  return durations;
}

}  // namespace hippocrypt::bench
