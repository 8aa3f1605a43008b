#include "benchmarks/round_rig.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <caf/all.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "actors/fedavg_aggregator.hpp"
#include "base/check.hpp"
#include "base/file.hpp"
#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"

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

struct IdleHospital {
  static constexpr const char* name = "idle_hospital";
  std::string hospital;
  AggregatorActor aggregator;
  std::filesystem::path folder;
  std::vector<float> update;
};

HospitalActor::behavior_type idle_hospital(HospitalActor::stateful_pointer<IdleHospital> self,
                                           IdleHospital setup) {
  self->state = std::move(setup);
  self->send(self, join_atom::value);
  return {
      [self](deliver_atom, const actors::Frame& frame) {
        const auto start = federation::decode_round_start(*frame.bytes);
        if (!start) return;
        auto& state = self->state;
        federation::Update update;
        update.hospital = state.hospital;
        update.round = start->round;
        update.attempt = start->attempt;
        update.values = state.update;
        const auto answer = frame_of(update);
        HIPPOCRYPT_CHECK(
            write_file_atomically(state.folder / "update.bin", *answer.bytes).has_value());
        self->send(state.aggregator, deliver_atom::value, answer);
      },
      [self](join_atom) {
        const federation::Join join{self->state.hospital, {}, {}};
        self->send(self->state.aggregator, join_atom::value, HospitalActor{self}, frame_of(join));
      },
  };
}

std::shared_ptr<actors::AggregatorSpec> aggregator_spec(const RoundRigOptions& options,
                                                        const std::vector<std::string>& names) {
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
  auto spec = aggregator_spec(options, names);
  spec->observer = caf::actor_cast<caf::actor>(observer);
  const auto aggregator = system.spawn(actors::fedavg_aggregator, std::move(spec));
  std::vector<HospitalActor> hospitals;
  const std::vector<float> update(options.values, 1e-3F);
  for (const auto& name : names) {
    hospitals.push_back(system.spawn<caf::detached>(
        idle_hospital, IdleHospital{name, aggregator, options.folder / name, update}));
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
