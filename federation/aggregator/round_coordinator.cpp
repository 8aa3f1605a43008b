#include "federation/aggregator/round_coordinator.hpp"

#include <algorithm>
#include <cmath>

#include "federation/aggregator/strategies/fed_avg.hpp"

namespace hippocrypt::federation {
namespace {

Refused refuse(const std::string& hospital, Errc code, std::string why) {
  return Refused{hospital, Error{code, hospital + ": " + std::move(why)}};
}

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

}  // namespace

RoundCoordinator::RoundCoordinator(CoordinatorConfig config, std::vector<float> initial)
    : config_{std::move(config)}, global_{std::move(initial)} {
  for (const auto& name : config_.hospitals) sites_.try_emplace(name);
  HIPPOCRYPT_CHECK(sites_.size() == config_.hospitals.size() && !sites_.empty());
}

std::vector<Effect> RoundCoordinator::on_join(const std::string& hospital) {
  const auto site = sites_.find(hospital);
  if (site == sites_.end()) {
    return {refuse(hospital, Errc::mismatch, "is not a hospital of this federation")};
  }
  if (site->second.joined) return {refuse(hospital, Errc::mismatch, "has already joined")};
  site->second.joined = true;
  std::vector<Effect> effects;
  start_when_complete(effects);
  return effects;
}

std::vector<Effect> RoundCoordinator::on_update(const Update& update) {
  const auto found = sites_.find(update.hospital);
  if (found == sites_.end()) {
    return {refuse(update.hospital, Errc::mismatch, "is not a hospital of this federation")};
  }
  Site& site = found->second;
  if (finished_ || update.round != round_) {
    return {refuse(update.hospital, Errc::mismatch,
                   "sent an update of round " + std::to_string(update.round) + " in round " +
                       std::to_string(round_))};
  }
  if (site.answered)
    return {refuse(update.hospital, Errc::mismatch, "answered this round already")};
  std::vector<Effect> effects;
  if (update.status != UpdateStatus::contributed) {
    site.absence = update.reason;
  } else if (auto fault = find_fault(update.values)) {
    // It counts as absent: a faulty hospital must not hold up the others.
    site.absence = "refused: " + fault->detail;
    effects.emplace_back(refuse(update.hospital, fault->code, fault->detail));
  } else {
    site.update = update.values;
  }
  site.answered = true;
  close_round_if_complete(effects);
  return effects;
}

std::optional<Error> RoundCoordinator::find_fault(const std::vector<float>& values) const {
  if (values.size() != global_.size()) {
    return Error{Errc::mismatch, "sent " + std::to_string(values.size()) +
                                     " values; the adapter has " + std::to_string(global_.size())};
  }
  if (!all_finite(values)) return Error{Errc::not_finite, "sent a value that is no number"};
  return std::nullopt;
}

std::vector<Effect> RoundCoordinator::on_lost(const std::string& hospital,
                                              const std::string& cause) {
  const auto found = sites_.find(hospital);
  if (found == sites_.end() || found->second.lost || finished_) return {};
  Site& site = found->second;
  site.lost = true;
  if (!site.answered) {
    site.answered = true;
    site.absence = "lost: " + cause;
  }
  std::vector<Effect> effects;
  if (round_ > 0) {
    close_round_if_complete(effects);
  } else {
    start_when_complete(effects);
  }
  return effects;
}

void RoundCoordinator::start_when_complete(std::vector<Effect>& effects) {
  const bool waiting = std::any_of(sites_.begin(), sites_.end(), [](const auto& entry) {
    return !entry.second.joined && !entry.second.lost;
  });
  if (waiting || round_ > 0) return;
  effects.emplace_back(PersistGlobal{0, global_});
  if (reachable().empty()) {
    finished_ = true;
    effects.emplace_back(Finish{{}, global_});
  } else {
    start_round(effects);
  }
}

std::vector<std::string> RoundCoordinator::reachable() const {
  std::vector<std::string> names;
  for (const auto& name : config_.hospitals) {
    if (!sites_.at(name).lost) names.push_back(name);
  }
  return names;
}

void RoundCoordinator::start_round(std::vector<Effect>& effects) {
  ++round_;
  for (auto& [name, site] : sites_) {
    site.update.clear();
    site.answered = site.lost;
    if (!site.lost) site.absence.clear();
  }
  effects.emplace_back(StartRound{round_, reachable(), global_});
}

void RoundCoordinator::close_round_if_complete(std::vector<Effect>& effects) {
  const bool waiting = std::any_of(sites_.begin(), sites_.end(),
                                   [](const auto& entry) { return !entry.second.answered; });
  if (waiting) return;
  RoundClosed closed{round_, {}, {}};
  Contributions all;
  for (const auto& name : config_.hospitals) {
    const Site& site = sites_.at(name);
    if (site.update.empty()) {
      closed.absent[name] = site.absence;
    } else {
      closed.contributed.push_back(name);
      all.hospitals.push_back(name);
      all.updates.push_back(site.update);
      all.weights.push_back(1);
    }
  }
  if (!all.updates.empty()) {
    auto next = FedAvg{}.apply(global_, all);
    HIPPOCRYPT_CHECK(next.has_value(), "updates were checked on arrival");
    global_ = std::move(next).value();
  }
  effects.emplace_back(PersistGlobal{round_, global_});
  effects.emplace_back(std::move(closed));
  if (round_ >= config_.rounds || reachable().empty()) {
    finished_ = true;
    effects.emplace_back(Finish{reachable(), global_});
  } else {
    start_round(effects);
  }
}

}  // namespace hippocrypt::federation
