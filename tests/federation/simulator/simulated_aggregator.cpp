// The aggregator's half of RoundsSimulator: a shell that carries effects out one by one and may be
// killed before each.

#include <algorithm>

#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "tests/federation/phased_collector.hpp"
#include "tests/federation/simulator/rounds_simulator.hpp"

namespace hippocrypt::federation::simulator {
namespace {

constexpr std::uint64_t most_stops = 100;

/// Planted: Bug::counts_repeats.
class CountsRepeats : public PlainCollector {
 public:
  using PlainCollector::PlainCollector;
  Status receive_update(Update update) override {
    const std::string name = update.hospital;
    auto status = PlainCollector::receive_update(std::move(update));
    if (!status && status.error().code == Errc::stale) repeated_.insert(name);
    return status;
  }
  Result<Contributions> take() override {
    auto all = PlainCollector::take();
    for (std::size_t i = 0; i < all->hospitals.size(); ++i) {
      if (repeated_.count(all->hospitals[i]) == 0) continue;
      for (float& value : all->updates[i]) value *= 2;
    }
    return all;
  }

 private:
  std::set<std::string> repeated_;
};

/// Planted: Bug::divides_by_everybody.
class DividesByEverybody : public FedAvg {
 public:
  explicit DividesByEverybody(std::size_t hospitals) : hospitals_{hospitals} {}
  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override {
    Contributions fewer = contributions;
    const float share =
        static_cast<float>(contributions.hospitals.size()) / static_cast<float>(hospitals_);
    for (auto& update : fewer.updates) {
      for (float& value : update) value *= share;
    }
    return FedAvg::apply(global, fewer);
  }

 private:
  std::size_t hospitals_;
};

bool persists(const Effect& effect) {
  return std::holds_alternative<PersistGlobal>(effect) ||
         std::holds_alternative<PersistAttempt>(effect) ||
         std::holds_alternative<PersistEntry>(effect);
}

void mix(std::uint64_t& hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x100000001b3U;  // FNV-1a, 64 bits at a time
}

}  // namespace

CoordinatorConfig RoundsSimulator::config() const {
  CoordinatorConfig config{names_of(scenario_), scenario_.rounds, scenario_.rules};
  if (scenario_.bug == Bug::waits_for_the_dead) config.rules.grace_s *= 8;
  if (scenario_.bug == Bug::drops_the_slow) config.rules.deadline_s /= 4;
  return config;
}

CollectorFactory RoundsSimulator::collectors() const {
  if (scenario_.secagg) return secagg::secagg_collectors(world_->setup).value();
  if (scenario_.masked) {
    return [quorum = scenario_.rules.quorum] {
      return std::make_unique<PhasedCollector>(update_values, quorum);
    };
  }
  std::map<std::string, std::uint32_t> weights;
  for (std::uint32_t i = 0; i < scenario_.hospitals; ++i) {
    weights["h" + std::to_string(i)] = weight_of(scenario_, i);
  }
  if (scenario_.bug == Bug::counts_repeats) {
    return [weights] { return std::make_unique<CountsRepeats>(weights, update_values); };
  }
  return [weights] { return std::make_unique<PlainCollector>(weights, update_values); };
}

void RoundsSimulator::boot() {
  ++boot_count_;
  booted_ = events_.now() - 1000 * dice_.uniform();  // another process has another clock
  std::unique_ptr<Strategy> strategy = std::make_unique<FedAvg>();
  if (scenario_.bug == Bug::divides_by_everybody) {
    strategy = std::make_unique<DividesByEverybody>(scenario_.hospitals);
  }
  if (!saved_) {
    core_ = std::make_unique<RoundCoordinator>(config(), std::move(strategy), collectors(),
                                               std::vector<float>(update_values));
  } else {
    auditor_.resumed(saved_->attempt, events_.now());
    auto core =
        RoundCoordinator::resume(config(), std::move(strategy), collectors(), *saved_, local_now());
    core_ = std::make_unique<RoundCoordinator>(std::move(core).value());
  }
  take_in([this] { return core_->start(local_now()); });
  for (std::uint32_t i = 0; i < scenario_.hospitals; ++i) {
    if (sites_[i].connected) events_.after(5 * dice_.uniform(), [this, i] { connect(i); });
  }
}

void RoundsSimulator::crash() {
  core_.reset();
  auditor_.killed();
  events_.after(1 + 20 * dice_.uniform(), [this] { boot(); });
}

void RoundsSimulator::take_in(const std::function<Effects()>& event) {
  Effects effects = event();
  if (scenario_.bug == Bug::announces_too_early) {
    Effects last;
    for (const auto& effect : effects) {
      if (persists(effect)) last.push_back(effect);
    }
    std::erase_if(effects, persists);
    effects.insert(effects.end(), last.begin(), last.end());
  }
  for (const auto& effect : effects) {
    ++outcome_.effects;
    if (dice_.uniform() < scenario_.kill || outcome_.effects == scenario_.kill_at) {
      ++outcome_.kills;
      return crash();
    }
    if (!carry_out(effect)) return;
  }
  auditor_.event_over();
}

/// False when the aggregator is no longer there.
bool RoundsSimulator::carry_out(const Effect& effect) {
  note(effect);
  if (scenario_.bug == Bug::forgets_to_announce && std::holds_alternative<Announce>(effect)) {
    return true;
  }
  persist(effect);
  auditor_.carried_out(effect, saved_ ? *saved_ : SavedRun{}, events_.now());
  send(effect);
  if (const auto* wake = std::get_if<WakeAt>(&effect)) {
    const double time = wake->time;
    events_.after(std::max(0.0, time - local_now()), [this, time, boot = boot_count_] {
      if (core_ == nullptr || boot != boot_count_) return;
      take_in([this, time] { return core_->on_tick(std::max(time, local_now())); });
    });
  } else if (std::holds_alternative<Finish>(effect)) {
    outcome_.finished = over_ = true;
  } else if (std::holds_alternative<RunFailed>(effect)) {
    if (++outcome_.stops == most_stops) over_ = true;
    ++scenario_.budgets_raised;
    if (!over_) crash();  // somebody resumes it
    return false;
  }
  return true;
}

void RoundsSimulator::persist(const Effect& effect) {
  if (const auto* global = std::get_if<PersistGlobal>(&effect)) {
    saved_ = SavedRun{};
    saved_->round = outcome_.rounds = global->round;
    saved_->global = outcome_.global = global->values;
    saved_->strategy_state = global->strategy_state;
    saved_->last_closed = global->summary;
    on_round(global->round);
  } else if (const auto* attempt = std::get_if<PersistAttempt>(&effect)) {
    if (scenario_.bug == Bug::forgets_attempts) return;
    saved_->attempt = *attempt;
    saved_->entries.clear();
    if (attempt->voided) saved_->last_closed = attempt->voided;
  } else if (const auto* entry = std::get_if<PersistEntry>(&effect)) {
    if (scenario_.bug != Bug::forgets_entries) saved_->entries.push_back(entry->entry);
  }
}

void RoundsSimulator::note(const Effect& effect) {
  mix(outcome_.trace, effect.index());
  mix(outcome_.trace, static_cast<std::uint64_t>(events_.now() * 1e6));
  if (const auto* global = std::get_if<PersistGlobal>(&effect)) {
    for (const float value : global->values) {
      mix(outcome_.trace, static_cast<std::uint64_t>(value * 1024));
    }
  }
}

}  // namespace hippocrypt::federation::simulator
