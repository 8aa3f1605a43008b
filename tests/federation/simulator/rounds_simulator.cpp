#include "tests/federation/simulator/rounds_simulator.hpp"

#include <algorithm>

namespace hippocrypt::federation::simulator {
namespace {

constexpr double longest_run_s = 1e6;

}  // namespace

Outcome simulate(const Scenario& scenario) { return RoundsSimulator{scenario}.run(); }

RoundsSimulator::RoundsSimulator(Scenario scenario)
    : scenario_{std::move(scenario)},
      dice_{scenario_.seed, "simulator"},
      auditor_{scenario_, outcome_} {
  if (scenario_.secagg) world_ = std::make_shared<const SecAggWorld>(scenario_);
  make_hospitals();
}

void RoundsSimulator::make_hospitals() {
  sites_.resize(scenario_.hospitals);
  for (std::uint32_t i = 0; i < scenario_.hospitals; ++i) {
    sites_[i].hospital =
        std::make_unique<SimulatedHospital>(scenario_, i, events_, uplink_of(i), world_);
    if (i < scenario_.dead) sites_[i].dies_at = 30.0 * scenario_.rounds * dice_.uniform();
    events_.after(5 * dice_.uniform(), [this, i] { connect(i); });
    live(i);
  }
}

Outcome RoundsSimulator::run() {
  boot();
  while (!over_ && !events_.empty() && events_.now() < longest_run_s) events_.step();
  if (!over_) auditor_.violation("the run does not end");
  outcome_.simulated_s = events_.now();
  return outcome_;
}

/// Every heartbeat: a sign of life, and perhaps a misfortune.
void RoundsSimulator::live(std::uint32_t index) {
  events_.after(scenario_.rules.heartbeat_s, [this, index] {
    Site& site = sites_[index];
    if (site.dead) return;
    if (site.dies_at >= 0 && site.dies_at <= events_.now()) {
      site.dead = true;
      site.hospital->kill();
      return disconnect(index, "dead");
    }
    suffer(index);
    if (site.hospital->up() && site.connected) site.hospital->beat();
    live(index);
  });
}

void RoundsSimulator::suffer(std::uint32_t index) {
  Site& site = sites_[index];
  if (!site.hospital->up() || !site.connected) return;
  const double chance = dice_.uniform() / scenario_.rules.heartbeat_s;
  if (chance < scenario_.restart) {
    ++outcome_.restarts;
    site.hospital->kill();
    disconnect(index, "process ended");
    events_.after(1 + 40 * dice_.uniform(), [this, index] {
      if (!sites_[index].dead) sites_[index].hospital->restart();
    });
  } else if (chance < scenario_.restart + scenario_.cut) {
    ++outcome_.cuts;
    disconnect(index, "connection cut");
    events_.after(1 + 40 * dice_.uniform(), [this, index] { connect(index); });
  }
}

bool RoundsSimulator::is_struck(std::uint32_t index) {
  if (index != 0 || ++outcome_.steps != scenario_.strike_at) return false;
  ++outcome_.restarts;
  sites_[0].hospital->kill();
  disconnect(0, "process ended");
  events_.after(scenario_.rules.grace_s / 2, [this] { sites_[0].hospital->restart(); });
  return true;
}

void RoundsSimulator::connect(std::uint32_t index) {
  Site& site = sites_[index];
  if (site.dead || !site.hospital->up()) return;
  site.connected = true;
  const std::string name = "h" + std::to_string(index);
  // A connection is there or not; a join is not lost on the way.
  events_.after(0.2 * dice_.uniform(), [this, index, name] {
    if (core_ == nullptr || !sites_[index].connected) return;
    auditor_.joined(name, events_.now());
    take_in([this, name] { return core_->on_join(name, local_now()); });
  });
}

/// The aggregator may see at once that the connection is gone, or only miss its signs of life.
void RoundsSimulator::disconnect(std::uint32_t index, const char* why) {
  sites_[index].connected = false;
  if (core_ == nullptr || dice_.uniform() < 0.5) return;
  const std::string name = "h" + std::to_string(index);
  auditor_.left(name);
  take_in([this, name, why] { return core_->on_lost(name, why, local_now()); });
}

SimulatedHospital::Uplink RoundsSimulator::uplink_of(std::uint32_t index) {
  const auto deliver = [this, index](auto message, auto event) {
    if (!sites_[index].connected || is_struck(index)) return;
    travel([this, message, event] {
      if (core_ == nullptr) return;
      auditor_.heard(message, events_.now());
      take_in([this, &message, &event] { return event(message); });
    });
  };
  SimulatedHospital::Uplink uplink;
  uplink.join = [this, index] { connect(index); };
  uplink.update = [this, deliver](Update update) {
    deliver(std::move(update),
            [this](const Update& each) { return core_->on_update(each, local_now()); });
  };
  uplink.message = [this, deliver](RoundMessage message) {
    deliver(std::move(message),
            [this](const RoundMessage& each) { return core_->on_message(each, local_now()); });
  };
  uplink.heartbeat = [this, index](const Heartbeat& heartbeat) {
    if (!sites_[index].connected) return;
    travel([this, heartbeat] {
      if (core_ == nullptr) return;
      auditor_.heard(heartbeat.hospital, events_.now());
      take_in([this, &heartbeat] { return core_->on_heartbeat(heartbeat, local_now()); });
    });
  };
  uplink.violation = [this](std::string what) { auditor_.violation(std::move(what)); };
  return uplink;
}

void RoundsSimulator::travel(std::function<void()> deliver) {
  if (dice_.uniform() < scenario_.drop) {
    ++outcome_.dropped;
    return;
  }
  const bool late = dice_.uniform() < scenario_.delay;
  const double seconds = 0.01 + (late ? 8 : scenario_.jitter_s) * dice_.uniform();
  if (dice_.uniform() < scenario_.repeat) {
    ++outcome_.repeated;
    events_.after(seconds + 2 * dice_.uniform(), deliver);
  }
  events_.after(seconds, std::move(deliver));
}

void RoundsSimulator::to_hospital(const std::string& name,
                                  std::function<void(SimulatedHospital&)> deliver) {
  const auto index = static_cast<std::uint32_t>(std::stoul(name.substr(1)));
  if (!sites_[index].connected) return;
  travel([this, index, deliver = std::move(deliver)] {
    Site& site = sites_[index];
    if (!site.connected || !site.hospital->up() || is_struck(index)) return;
    deliver(*site.hospital);
  });
}

template <class Message>
void RoundsSimulator::broadcast(const std::vector<std::string>& to, const Message& message) {
  for (const auto& name : to) {
    to_hospital(name, [message](SimulatedHospital& hospital) { hospital.hear(message); });
  }
}

void RoundsSimulator::send(const Effect& effect) {
  if (const auto* start = std::get_if<StartRound>(&effect)) {
    broadcast(start->to, RoundStart{start->round, start->attempt, start->values});
  } else if (const auto* sent = std::get_if<Send>(&effect)) {
    broadcast({sent->outgoing.to}, sent->outgoing.message);
  } else if (const auto* refused = std::get_if<Refused>(&effect)) {
    if (refused->error.code != Errc::unavailable) return;
    const auto index = static_cast<std::uint32_t>(std::stoul(refused->hospital.substr(1)));
    if (sites_[index].connected) connect(index);
  }
}

}  // namespace hippocrypt::federation::simulator
