#pragma once
// A federation in which nobody trains, wired as a test likes: hospitals right beside the
// aggregator, or each at the far end of a link.

#include <gtest/gtest.h>

#include <caf/all.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "actors/fedavg_aggregator.hpp"
#include "actors/gateways/aggregator_gateway.hpp"
#include "actors/gateways/hospital_ingress.hpp"
#include "actors/hospital_client.hpp"
#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/common/site_messages.hpp"
#include "federation/report/event_frame.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::actors {

inline const std::vector<std::string> rig_hospitals{"a", "b", "c"};

inline constexpr std::size_t rig_values = 1000;  ///< of an update

/// Whoever trains waits here until it may go on.
class Gate {
 public:
  /// Hospital and round that are held up, from now on.
  void hold(const std::string& hospital, std::uint32_t round) {
    const std::lock_guard lock{mutex_};
    held_.emplace(hospital, round);
  }
  void release(const std::string& hospital, std::uint32_t round) {
    const std::lock_guard lock{mutex_};
    held_.erase({hospital, round});
    changed_.notify_all();
  }
  void open() {
    const std::lock_guard lock{mutex_};
    held_.clear();
    changed_.notify_all();
  }
  void pass(const std::string& hospital, std::uint32_t round) {
    std::unique_lock lock{mutex_};
    waiting_.emplace(hospital, round);
    changed_.notify_all();
    changed_.wait(lock, [&] { return held_.count({hospital, round}) == 0; });
  }
  /// Whether the hospital came to train the round, in time.
  bool wait_for(const std::string& hospital, std::uint32_t round) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{20}, [&] {
      return waiting_.count({hospital, round}) > 0;
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::pair<std::string, std::uint32_t>> held_, waiting_;
};

/// In the place of the worker that trains: its update depends on hospital, round and start.
struct ScriptedWorker {
  static constexpr const char* name = "scripted_worker";
  std::shared_ptr<HospitalWorkerSpec> spec;
  std::shared_ptr<Gate> gate;

  const std::string& hospital() const {
    return spec->options.config->hospitals[spec->options.index].name;
  }
};

using ScriptedSelf = HospitalWorkerActor::stateful_pointer<ScriptedWorker>;

inline void answer(ScriptedSelf self, const federation::RoundStart& start) {
  auto& state = self->state;
  state.gate->pass(state.hospital(), start.round);
  auto update = std::make_shared<federation::Update>();
  update->hospital = state.hospital();
  update->round = start.round;
  for (std::size_t i = 0; i < start.values.size(); ++i) {
    update->values.push_back(0.5F * start.values[i] +
                             static_cast<float>((state.spec->options.index + 1) * (i % 7 + 1)) *
                                 static_cast<float>(start.round) / 16);
  }
  self->send(state.spec->client, trained_atom::value, std::move(update));
}

inline HospitalWorkerActor::behavior_type scripted_worker(ScriptedSelf self, ScriptedWorker setup) {
  self->state = std::move(setup);
  return {
      [self](join_atom) {
        auto ready = std::make_shared<HospitalReady>();
        ready->join = federation::Join{self->state.hospital(), {}, {}};
        self->send(self->state.spec->client, ready_atom::value,
                   HospitalReadyPointer{std::move(ready)});
      },
      [self](train_atom, const RoundStartPointer& start) { answer(self, *start); },
      [](settle_atom, std::uint32_t, bool) {},
      [self](finish_atom, const Frame&) {
        self->send(self->state.spec->client, finish_atom::value);
      },
  };
}

/// What an observer has heard.
struct Heard {
  std::vector<std::string> notes;
  std::vector<federation::metrics::Round> rounds;
  std::vector<Frame> others;
  std::optional<std::vector<float>> final;

  void hear(const Frame& frame) {
    if (const auto progress = federation::decode_progress(*frame.bytes)) {
      notes.push_back(progress->source + ": " + progress->text);
    } else if (auto event = federation::metrics::decode_event(*frame.bytes)) {
      if (auto* round = std::get_if<federation::metrics::Round>(&*event)) rounds.push_back(*round);
    } else if (auto adapter = federation::decode_final_adapter(*frame.bytes)) {
      final = std::move(adapter->values);
    } else {
      others.push_back(frame);
    }
  }
  bool noted(const std::string& part) const {
    return std::any_of(notes.begin(), notes.end(),
                       [&](const auto& note) { return note.find(part) != std::string::npos; });
  }
};

/// Listens until `over` says so, at most for 30 s.
inline void listen(caf::scoped_actor& observer, Heard& heard, const std::function<bool()>& over) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!over() && std::chrono::steady_clock::now() < until) {
    observer->receive([&](deliver_atom, const Frame& frame) { heard.hear(frame); },
                      caf::after(std::chrono::milliseconds{10}) >> [] {});
  }
}

inline Frame rig_welcome() {
  federation::Welcome welcome;
  welcome.run = "rig";
  return frame_of(welcome);
}

/// The aggregator's side, and hospitals on request.
class GatewayRig {
 public:
  /// `grace_s`: longer than a busy machine may hold up a heartbeat.
  explicit GatewayRig(double grace_s = 25) : observer{system_}, far_observer{system_} {
    auto spec = std::make_shared<AggregatorSpec>();
    std::map<std::string, std::uint32_t> weights;
    for (const auto& name : rig_hospitals) weights[name] = 1;
    spec->coordinator.hospitals = rig_hospitals;
    spec->coordinator.rounds = 3;
    spec->coordinator.rules.quorum = 2;
    spec->coordinator.rules.grace_s = grace_s;
    spec->strategy = std::make_unique<federation::FedAvg>();
    spec->collectors = [weights] {
      return std::make_unique<federation::PlainCollector>(weights, rig_values);
    };
    spec->initial.resize(rig_values);
    spec->chunk_bytes = 1024;
    spec->journal = std::make_shared<federation::RunJournal>(
        federation::RunJournal::open(folder_.path(), {}).value());
    spec->observer = caf::actor_cast<caf::actor>(observer);
    spec->hospitals_return = true;
    aggregator = system_.spawn(fedavg_aggregator, std::move(spec));
    ingress = std::make_shared<HospitalIngress>(HospitalIngress::Parts{
        system_, aggregator, rig_welcome(), caf::actor_cast<caf::actor>(observer)});
  }
  ~GatewayRig() {
    gate->open();
    links.clear();
    for (const auto& hospital : hospitals_) {
      caf::anon_send_exit(hospital, caf::exit_reason::user_shutdown);
    }
    for (const auto& [name, gateway] : gateways) {
      caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown);
    }
    ingress.reset();
    caf::anon_send_exit(aggregator, caf::exit_reason::user_shutdown);
  }

  /// A hospital that knows `to` as its aggregator.
  void add_hospital(std::size_t index, const AggregatorActor& to) {
    auto spec = std::make_shared<HospitalSpec>();
    federation::FederationConfig config;
    for (const auto& name : rig_hospitals) config.hospitals.push_back({.name = name, .notes = {}});
    config.rounds.chunk_kib = 1;
    config.rounds.heartbeat_s = 0.1;
    spec->options.config = std::make_shared<const federation::FederationConfig>(config);
    spec->options.index = index;
    spec->aggregator = to;
    spec->observer = caf::actor_cast<caf::actor>(far_observer);
    spec->make_worker = [waits = gate](caf::actor_system& system,
                                       std::shared_ptr<HospitalWorkerSpec> work) {
      return HospitalWorkerActor{
          system.spawn<caf::detached>(scripted_worker, ScriptedWorker{std::move(work), waits})};
    };
    hospitals_.push_back(system_.spawn(hospital_client, std::move(spec)));
  }
  /// The gateway that stands for the aggregator at a hospital; made when it is first asked for.
  std::shared_ptr<net::LinkEvents> far_end(std::size_t index) {
    const std::string& name = rig_hospitals[index];
    const auto far = caf::actor_cast<caf::actor>(far_observer);
    if (gateways.count(name) == 0) {
      gateways[name] = system_.spawn(aggregator_gateway, AggregatorGatewaySpec{far});
    }
    return std::make_shared<AggregatorEvents>(gateways[name], far, name);
  }
  /// A session of the hospital; one that was there before is over.
  test_support::FakeLinks& connect(std::size_t index, const net::LinkLimits& limits = {}) {
    const std::string& name = rig_hospitals[index];
    links.erase(name);
    links[name] = std::make_unique<test_support::FakeLinks>(
        test_support::FakeEnd{test_support::peer_info(net::Role::hospital, name), ingress},
        test_support::FakeEnd{test_support::peer_info(net::Role::aggregator, "aggregator"),
                              far_end(index)},
        limits);
    return *links[name];
  }
  void add_far_hospital(std::size_t index) {
    connect(index);
    add_hospital(index, caf::actor_cast<AggregatorActor>(gateways[rig_hospitals[index]]));
  }
  /// Everything that the aggregator's observer hears until the run is over.
  Heard& listen_to_the_end() {
    listen(observer, heard, [this] { return heard.final.has_value(); });
    return heard;
  }
  void listen_until(const std::function<bool()>& over) { listen(observer, heard, over); }

 private:
  test_support::TemporaryFolder folder_;
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  std::vector<HospitalClientActor> hospitals_;

 public:
  caf::scoped_actor observer, far_observer;
  Heard heard;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  AggregatorActor aggregator;
  std::shared_ptr<HospitalIngress> ingress;
  std::map<std::string, AggregatorGatewayActor> gateways;  ///< at the hospitals
  std::map<std::string, std::unique_ptr<test_support::FakeLinks>> links;
};

}  // namespace hippocrypt::actors
