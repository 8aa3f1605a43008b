#include "benchmarks/round_rig.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <caf/all.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "actors/fedavg_aggregator.hpp"
#include "base/check.hpp"
#include "base/random.hpp"
#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/client/round_state.hpp"
#include "federation/secagg/aggregator/secagg_collector.hpp"
#include "federation/session/hospital_session.hpp"

namespace hippocrypt::bench {
namespace {

using actors::AggregatorActor;
using actors::deliver_atom;
using actors::frame_of;
using actors::HospitalActor;
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

struct HospitalSetup {
  std::string hospital;
  AggregatorActor aggregator;
  std::filesystem::path folder;
  std::vector<float> update;
  std::shared_ptr<const federation::SecureRun> secure;
};

struct IdleHospital {
  static constexpr const char* name = "idle_hospital";
  HospitalSetup setup;
  std::unique_ptr<federation::HospitalSession> session;
};

using Self = HospitalActor::stateful_pointer<IdleHospital>;

std::unique_ptr<federation::HospitalSession> make_session(const HospitalSetup& setup) {
  federation::HospitalSession::Parts parts;
  parts.hospital = setup.hospital;
  parts.folder = setup.folder;
  parts.secure = setup.secure;
  if (setup.secure) parts.journal = federation::HospitalJournal::open(setup.folder, {}).value();
  parts.random = std::make_shared<SystemRandom>();
  return std::make_unique<federation::HospitalSession>(std::move(parts));
}

/// What a hospital that trained keeps before its update leaves.
void keep(const HospitalSetup& setup, const federation::RoundStart& start) {
  federation::RoundState state;
  state.round = start.round;
  state.start = federation::start_hash(start.values);
  state.training.values = setup.update;
  const auto kept = federation::save_round_state(setup.folder / "rounds.state", state);
  HIPPOCRYPT_CHECK(kept.has_value());
}

void act(Self self, federation::SessionActions actions) {
  auto& setup = self->state.setup;
  for (auto& action : actions) {
    if (auto* send = std::get_if<federation::SendFrame>(&action)) {
      self->send(setup.aggregator, deliver_atom::value,
                 actors::Frame{SharedBytes{std::move(send->frame)}});
    } else if (const auto* train = std::get_if<federation::TrainRound>(&action)) {
      keep(setup, train->start);
      federation::Update update;
      update.hospital = setup.hospital;
      update.round = train->start.round;
      update.attempt = train->start.attempt;
      update.values = setup.update;
      act(self, self->state.session->on_trained(std::move(update)));
    } else if (const auto* told = std::get_if<federation::TellHospital>(&action)) {
      std::fprintf(stderr, "%s: %s\n", setup.hospital.c_str(), told->text.c_str());
    }
  }
}

HospitalActor::behavior_type idle_hospital(Self self, const HospitalSetup& setup) {
  self->state.setup = setup;
  self->state.session = make_session(setup);
  self->send(self, join_atom::value);
  return {
      [self](deliver_atom, const actors::Frame& frame) {
        act(self, self->state.session->on_frame(*frame.bytes));
      },
      [self](join_atom) {
        const auto& own = self->state.setup;
        const federation::Join join{
            own.hospital, {}, own.secure ? own.secure->identity->public_part() : Hash256{}};
        self->send(own.aggregator, join_atom::value, HospitalActor{self}, frame_of(join));
      },
  };
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
  spec->run_folder = options.folder;
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
  config.set("scheduler.max-threads", 2);
  caf::actor_system system{config};
  caf::scoped_actor observer{system};
  const SecureParts secure = secure_parts(options, names);
  auto spec = aggregator_spec(options, names, secure);
  spec->observer = caf::actor_cast<caf::actor>(observer);
  const auto aggregator = system.spawn(actors::fedavg_aggregator, std::move(spec));
  std::vector<HospitalActor> hospitals;
  const std::vector<float> update(options.values, 1e-3F);
  for (std::size_t i = 0; i < names.size(); ++i) {
    hospitals.push_back(system.spawn<caf::detached>(
        idle_hospital, HospitalSetup{names[i], aggregator, options.folder / names[i], update,
                                     options.masked ? secure.runs[i] : nullptr}));
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
