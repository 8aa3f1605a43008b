#include "federation/aggregator/round_coordinator.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::federation {
namespace {

Refused refuse(const std::string& hospital, Errc code, std::string why) {
  return Refused{hospital, Error{code, hospital + ": " + std::move(why)}};
}

std::string text_of(std::uint32_t round, std::uint32_t attempt) {
  return "round " + std::to_string(round) + ", attempt " + std::to_string(attempt);
}

}  // namespace

RoundCoordinator::RoundCoordinator(CoordinatorConfig config, std::unique_ptr<Strategy> strategy,
                                   CollectorFactory collectors, std::vector<float> initial)
    : config_{std::move(config)},
      strategy_{std::move(strategy)},
      collectors_{std::move(collectors)},
      members_{config_.hospitals, config_.rules.grace_s},
      global_{std::move(initial)},
      retries_left_{config_.rules.retry_cap} {
  HIPPOCRYPT_CHECK(config_.rules.quorum >= 1);
  HIPPOCRYPT_CHECK(config_.rules.quorum <= config_.hospitals.size());
}

Result<RoundCoordinator> RoundCoordinator::resume(CoordinatorConfig config,
                                                  std::unique_ptr<Strategy> strategy,
                                                  CollectorFactory collectors, SavedRun saved,
                                                  double now) {
  RoundCoordinator core{std::move(config), std::move(strategy), std::move(collectors),
                        std::move(saved.global)};
  HIPPOCRYPT_TRY_VOID(core.restore(std::move(saved), now));
  return core;
}

Status RoundCoordinator::restore(SavedRun saved, double now) {
  if (saved.round > config_.rounds) {
    return Error{Errc::mismatch, "the run has " + std::to_string(saved.round) +
                                     " rounds already; the configuration has " +
                                     std::to_string(config_.rounds)};
  }
  HIPPOCRYPT_TRY_VOID(strategy_->restore(saved.strategy_state));
  rounds_over_ = saved.round;
  last_closed_ = std::move(saved.last_closed);
  gather(1, now, now);
  const bool first = saved.round == 0 && !saved.attempt;
  everybody_until_ = now + (first ? config_.rules.deadline_s : config_.rules.grace_s);
  resumed_ = true;
  if (!saved.attempt || saved.attempt->round != round()) return {};
  attempt_number_ = saved.attempt->attempt;
  auto& participants = saved.attempt->participants;
  if (participants.empty()) return {};
  for (const auto& name : participants) {
    if (!members_.knows(name)) {
      return Error{Errc::mismatch, name +
                                       " takes part in the round that was open, but is not in "
                                       "the configuration; resume with the run's own"};
    }
    members_.see(name, now);  // it has a grace period to join again
  }
  auto collector = collectors_();
  HIPPOCRYPT_TRY_VOID(collector->restore(round(), attempt_number_, participants, saved.entries));
  attempt_.emplace(std::move(collector), std::move(participants), now);
  state_ = State::open;
  return {};
}

Effects RoundCoordinator::start(double now) {
  HIPPOCRYPT_CHECK(!started_);
  started_ = true;
  Effects effects;
  if (!resumed_) {
    gather(1, now, now);
    everybody_until_ = gathering_ends();
    effects.emplace_back(PersistGlobal{0, global_, strategy_->save(), {}});
  }
  if (rounds_over_ == config_.rounds) {
    state_ = State::finished;
    effects.emplace_back(Finish{{}, global_});
  }
  return settle(now, std::move(effects));
}

Effects RoundCoordinator::on_join(const std::string& hospital, double now) {
  if (!members_.knows(hospital)) {
    return {refuse(hospital, Errc::mismatch, "is not a hospital of this federation")};
  }
  members_.join(hospital, now);
  if (state_ == State::finished) return {Finish{{hospital}, global_}};
  if (state_ == State::failed) return {RunFailed{failure_cause_, failure_, {hospital}}};
  Effects effects;
  if (last_closed_) effects.emplace_back(Announce{{hospital}, *last_closed_});
  if (state_ == State::open && attempt_->open_answers().count(hospital) == 1) {
    tell_start(hospital, now, effects);
  }
  return settle(now, std::move(effects));
}

void RoundCoordinator::tell_start(const std::string& hospital, double now, Effects& effects) {
  attempt_->told(hospital, now);
  effects.emplace_back(StartRound{round(), attempt_number_, {hospital}, global_});
  for (auto& outgoing : attempt_->collector().remind(hospital)) {
    effects.emplace_back(Send{std::move(outgoing)});
  }
}

bool RoundCoordinator::admit_sender(const std::string& hospital, double now, Effects& effects) {
  if (!members_.knows(hospital)) {
    effects.emplace_back(refuse(hospital, Errc::mismatch, "is not a hospital of this federation"));
    return false;
  }
  if (!members_.joined(hospital) || members_.withdrawn(hospital)) {
    effects.emplace_back(refuse(hospital, Errc::unavailable, "has not joined; it must join first"));
    return false;
  }
  members_.see(hospital, now);
  return true;
}

bool RoundCoordinator::admit(const std::string& hospital, std::uint32_t round_number,
                             std::uint32_t attempt_number, double now, Effects& effects) {
  if (!admit_sender(hospital, now, effects)) return false;
  std::string why;
  if (state_ != State::open) {
    why = "sent a message when no round was open";
  } else if (round_number != round() || attempt_number != attempt_number_) {
    why = "sent a message of " + text_of(round_number, attempt_number) + " in " +
          text_of(round(), attempt_number_);
  } else if (!attempt_->takes_part(hospital)) {
    why = "takes part from the next round";
  } else if (attempt_->is_aside(hospital)) {
    why = "is out of this attempt already";
  } else {
    return true;
  }
  effects.emplace_back(refuse(hospital, Errc::stale, std::move(why)));
  return false;
}

void RoundCoordinator::judge(const std::string& hospital, const Status& status, Effects& effects) {
  if (status) return;
  effects.emplace_back(Refused{hospital, status.error()});
  if (status.error().code == Errc::stale) return;
  // It must not hold up the others, and what it sends next is no better.
  attempt_->set_aside({hospital, AbsenceCause::refused, status.error().detail});
}

Effects RoundCoordinator::on_update(Update update, double now) {
  Effects effects;
  const std::string hospital = update.hospital;
  if (!admit(hospital, update.round, update.attempt, now, effects)) {
    return settle(now, std::move(effects));
  }
  if (update.status == UpdateStatus::contributed) {
    judge(hospital, attempt_->collector().receive_update(std::move(update)), effects);
  } else {
    const bool sat_out = update.status == UpdateStatus::sat_out;
    attempt_->set_aside(
        {hospital, sat_out ? AbsenceCause::sat_out : AbsenceCause::failed,
         sat_out ? "its privacy budget does not allow the round" : "its own log says why"});
  }
  return settle(now, std::move(effects));
}

Effects RoundCoordinator::on_message(RoundMessage message, double now) {
  Effects effects;
  const std::string hospital = message.hospital;
  if (admit(hospital, message.round, message.attempt, now, effects)) {
    judge(hospital, attempt_->collector().receive(std::move(message)), effects);
  }
  return settle(now, std::move(effects));
}

Effects RoundCoordinator::on_heartbeat(const Heartbeat& heartbeat, double now) {
  Effects effects;
  if (admit_sender(heartbeat.hospital, now, effects) && state_ == State::open &&
      heartbeat.round != round() && attempt_->takes_part(heartbeat.hospital) &&
      attempt_->may_remind(heartbeat.hospital, now, 2 * config_.rules.heartbeat_s)) {
    tell_start(heartbeat.hospital, now, effects);
  }
  return settle(now, std::move(effects));
}

Effects RoundCoordinator::on_alive(const std::string& hospital, double now) {
  Effects effects;
  admit_sender(hospital, now, effects);
  return settle(now, std::move(effects));
}

Effects RoundCoordinator::on_lost(const std::string& hospital, const std::string& cause,
                                  double now) {
  if (members_.knows(hospital)) members_.lose(hospital, cause);
  return settle(now);
}

Effects RoundCoordinator::on_withdrawn(const std::string& hospital, const std::string& cause,
                                       double now) {
  if (!members_.knows(hospital)) return settle(now);
  members_.withdraw(hospital, cause);
  if (state_ == State::open && attempt_->takes_part(hospital)) {
    attempt_->set_aside({hospital, AbsenceCause::failed, cause});
  }
  return settle(now);
}

Effects RoundCoordinator::on_tick(double now) { return settle(now); }

Effects RoundCoordinator::settle(double now, Effects effects) {
  HIPPOCRYPT_CHECK(started_);
  while (advance(now, effects)) {
  }
  if (over()) return effects;
  const double next = next_time(now);
  if (!wake_ || next < *wake_ || *wake_ <= now) {
    wake_ = next;
    effects.emplace_back(WakeAt{next});
  }
  return effects;
}

double RoundCoordinator::next_time(double now) const {
  if (state_ == State::open) return attempt_->next_time(config_.rules, members_, now);
  if (now < not_before_) return not_before_;
  return now < everybody_until_ ? std::min(everybody_until_, gathering_ends()) : gathering_ends();
}

}  // namespace hippocrypt::federation
