#pragma once
// A coordinator of a few hospitals and short words for its events, for tests of its rules.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "federation/aggregator/plain_collector.hpp"
#include "federation/aggregator/round_coordinator.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "tests/federation/phased_collector.hpp"

namespace hippocrypt::federation {

using Names = std::vector<std::string>;

template <class Kind>
const Kind* find(const Effects& effects) {
  for (const auto& effect : effects) {
    if (const auto* found = std::get_if<Kind>(&effect)) return found;
  }
  return nullptr;
}

/// Where the first effect of a kind is; effects.size() without one.
template <class Kind>
std::size_t place(const Effects& effects) {
  std::size_t i = 0;
  while (i < effects.size() && !std::holds_alternative<Kind>(effects[i])) ++i;
  return i;
}

/// hospital → cause, of a summary.
inline std::map<std::string, AbsenceCause> causes(const RoundSummary& summary) {
  std::map<std::string, AbsenceCause> all;
  for (const auto& absence : summary.absent) all[absence.hospital] = absence.cause;
  return all;
}

inline CollectorFactory plain(const Names& hospitals, std::size_t size) {
  std::map<std::string, std::uint32_t> weights;
  for (const auto& name : hospitals) weights[name] = 1;
  return [weights, size] { return std::make_unique<PlainCollector>(weights, size); };
}

inline CollectorFactory phased(std::size_t size, std::size_t threshold) {
  return [size, threshold] { return std::make_unique<PhasedCollector>(size, threshold); };
}

/// Hospitals a, b, c, quorum 2, deadline 100 s, grace 10 s, heartbeat 3 s, 3 rounds of 2 values.
class CoordinatorTest : public testing::Test {
 protected:
  CoordinatorTest() {
    config_.hospitals = {"a", "b", "c"};
    config_.rounds = 3;
    config_.rules.quorum = 2;
    config_.rules.deadline_s = 100;
    config_.rules.grace_s = 10;
    config_.rules.heartbeat_s = 3;
    config_.rules.retry_cap = 1;
    collectors_ = plain(config_.hospitals, 2);
  }

  Effects create(double now = 0) {
    core_ = std::make_unique<RoundCoordinator>(config_, std::make_unique<FedAvg>(), collectors_,
                                               std::vector<float>{0, 0});
    return core_->start(now);
  }
  /// Round 1 is open, everybody takes part.
  Effects open(double now = 0) {
    create(now);
    for (std::size_t i = 0; i + 1 < config_.hospitals.size(); ++i) {
      core_->on_join(config_.hospitals[i], now);
    }
    return core_->on_join(config_.hospitals.back(), now);
  }
  Effects resume(SavedRun saved, double now = 0) {
    auto core = RoundCoordinator::resume(config_, std::make_unique<FedAvg>(), collectors_,
                                         std::move(saved), now);
    core_ = std::make_unique<RoundCoordinator>(std::move(core).value());
    return core_->start(now);
  }
  std::uint32_t round() const { return core_->rounds_over() + 1; }
  Update answer(const std::string& hospital, std::vector<float> values = {1, 1}) const {
    return {hospital, round(), core_->attempt(), UpdateStatus::contributed, {}, std::move(values)};
  }
  Update without(const std::string& hospital, UpdateStatus status, std::string reason) const {
    return {hospital, round(), core_->attempt(), status, std::move(reason), {}};
  }
  Effects update(const std::string& hospital, double now, std::vector<float> values = {1, 1}) {
    return core_->on_update(answer(hospital, std::move(values)), now);
  }
  Effects say(const std::string& hospital, RoundMessageKind kind, double now,
              const std::vector<float>& values = {}) {
    return core_->on_message(
        PhasedCollector::message_of(hospital, round(), core_->attempt(), kind, values), now);
  }
  Effects beat(const std::string& hospital, double now) {
    return core_->on_heartbeat({hospital, round(), 0}, now);
  }
  /// Everybody of `names` shows signs of life every heartbeat until `until`; all effects of it.
  Effects pass(const Names& names, double from, double until) {
    Effects all;
    for (double now = from; now < until; now += config_.rules.heartbeat_s) {
      for (const auto& name : names) append(all, beat(name, now));
    }
    append(all, core_->on_tick(until));
    return all;
  }
  static void append(Effects& all, Effects more) {
    for (auto& effect : more) all.push_back(std::move(effect));
  }
  static Errc refusal(const Effects& effects) {
    const auto* refused = find<Refused>(effects);
    EXPECT_NE(refused, nullptr);
    return refused == nullptr ? Errc::cancelled : refused->error.code;
  }

  CoordinatorConfig config_;
  CollectorFactory collectors_;
  std::unique_ptr<RoundCoordinator> core_;
};

}  // namespace hippocrypt::federation
