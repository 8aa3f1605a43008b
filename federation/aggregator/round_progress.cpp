// The half of RoundCoordinator that moves rounds on: what is due when an event has been taken in.

#include <algorithm>
#include <cmath>

#include "federation/aggregator/round_coordinator.hpp"

namespace hippocrypt::federation {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

const char* to_string(RunFailure cause) {
  switch (cause) {
    case RunFailure::quorum_missed:
      return "quorum_missed";
    case RunFailure::too_few_left:
      return "too_few_left";
    case RunFailure::budgets_exhausted:
      return "budgets_exhausted";
  }
  return "unknown";
}

bool RoundCoordinator::advance(double now, Effects& effects) {
  if (state_ == State::gathering) return advance_gathering(now, effects);
  if (state_ == State::open) return advance_open(now, effects);
  return false;
}

bool RoundCoordinator::advance_gathering(double now, Effects& effects) {
  const std::uint32_t quorum = config_.rules.quorum;
  if (members_.not_withdrawn() < quorum) {
    fail(RunFailure::too_few_left,
         std::to_string(members_.not_withdrawn()) + " hospitals can take part; the quorum is " +
             std::to_string(quorum),
         effects);
    return true;
  }
  if (now < not_before_) return false;
  auto present = members_.present(now);
  const bool overdue = gathering_ends() <= now;
  const bool complete = everybody_until_ <= now || members_.everybody_joined() || overdue;
  if (present.size() >= quorum && complete) {
    open_attempt(std::move(present), now, effects);
    return true;
  }
  if (!overdue) return false;
  void_attempt(std::to_string(present.size()) + " hospitals were there; the quorum is " +
                   std::to_string(quorum),
               now, effects);
  return true;
}

void RoundCoordinator::open_attempt(std::vector<std::string> participants, double now,
                                    Effects& effects) {
  everybody_until_ = now;
  effects.emplace_back(PersistAttempt{round(), attempt_number_, participants, {}});
  std::vector<std::string> to;
  std::copy_if(participants.begin(), participants.end(), std::back_inserter(to),
               [this](const auto& name) { return members_.reachable(name); });
  effects.emplace_back(StartRound{round(), attempt_number_, std::move(to), global_});
  auto collector = collectors_();
  for (auto& outgoing : collector->begin(round(), attempt_number_, participants)) {
    effects.emplace_back(Send{std::move(outgoing)});
  }
  attempt_.emplace(std::move(collector), std::move(participants), now);
  state_ = State::open;
}

bool RoundCoordinator::advance_open(double now, Effects& effects) {
  const Collector& collector = attempt_->collector();
  if (collector.phase() == PhaseKind::updates) {
    const auto possible = collector.contributors().size() + attempt_->open_answers().size();
    if (possible < config_.rules.quorum) {
      void_attempt(std::to_string(possible) + " can contribute at most; the quorum is " +
                       std::to_string(config_.rules.quorum),
                   now, effects);
      return true;
    }
  }
  if (now < attempt_->limit(config_.rules) && !attempt_->waiting(members_, now).empty()) {
    return false;
  }
  close_phase(now, effects);
  return true;
}

void RoundCoordinator::close_phase(double now, Effects& effects) {
  const Collector& collector = attempt_->collector();
  const PhaseKind phase = collector.phase();
  std::string fault;
  if (phase == PhaseKind::updates && collector.contributors().size() < config_.rules.quorum) {
    fault = std::to_string(collector.contributors().size()) + " contributed; the quorum is " +
            std::to_string(config_.rules.quorum);
  } else if (!collector.can_go_on()) {
    fault = "too few hospitals answered to go on";
  }
  PhaseResult result;
  if (fault.empty()) {
    result = attempt_->close_phase(members_, now);
    fault = result.void_reason;
  }
  if (!fault.empty()) {
    // A hospital unmasks one attempt of a round at most.
    if (phase == PhaseKind::unmask)
      return end_round(summarize(RoundOutcome::skipped, fault, now), now, effects);
    return void_attempt(fault, now, effects);
  }
  if (result.persist_first) effects.emplace_back(PersistEntry{std::move(*result.persist_first)});
  for (auto& outgoing : result.send) effects.emplace_back(Send{std::move(outgoing)});
  if (result.done) finish_attempt(now, effects);
}

void RoundCoordinator::finish_attempt(double now, Effects& effects) {
  Collector& collector = attempt_->collector();
  RoundSummary summary = summarize(RoundOutcome::closed, collector.note(), now);
  double aggregation_error = unknown;
  const auto next = [&]() -> Result<std::vector<float>> {
    HIPPOCRYPT_TRY(const auto contributions, collector.take());
    HIPPOCRYPT_TRY(auto values, strategy_->apply(global_, contributions));
    const bool finite =
        std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
    if (values.size() == global_.size() && finite) return values;
    return Error{Errc::not_finite, "the strategy's result is no usable adapter"};
  }();
  if (next) {
    global_ = next.value();
    const std::string note = strategy_->note();
    if (!summary.note.empty() && !note.empty()) summary.note += "; ";
    summary.note += note;
    aggregation_error = strategy_->measured_error();
  } else {
    summary.outcome = RoundOutcome::skipped;
    summary.note = to_string(next.error());
  }
  end_round(std::move(summary), now, effects, aggregation_error);
}

void RoundCoordinator::end_round(RoundSummary summary, double now, Effects& effects,
                                 double aggregation_error) {
  ++rounds_over_;
  attempt_.reset();
  retries_left_ = config_.rules.retry_cap;
  effects.emplace_back(PersistGlobal{rounds_over_, global_, strategy_->save(), summary});
  report(summary, aggregation_error, effects);
  if (rounds_over_ == config_.rounds) {
    state_ = State::finished;
    effects.emplace_back(Finish{members_.reachable(), global_});
  } else {
    gather(1, now, now);
  }
}

void RoundCoordinator::void_attempt(const std::string& reason, double now, Effects& effects) {
  const RoundSummary summary = summarize(RoundOutcome::retried, reason, now);
  const std::size_t sat_out = attempt_ ? attempt_->sat_out() : 0;
  effects.emplace_back(PersistAttempt{round(), attempt_number_ + 1, {}, summary});
  report(summary, unknown, effects);
  gather(attempt_number_ + 1, now, now + config_.rules.heartbeat_s);
  if (config_.hospitals.size() - sat_out < config_.rules.quorum) {
    // Budgets do not grow, so that trying again is of no use.
    fail(RunFailure::budgets_exhausted,
         std::to_string(sat_out) + " hospitals sit out; the quorum is " +
             std::to_string(config_.rules.quorum),
         effects);
  } else if (retries_left_ == 0) {
    fail(RunFailure::quorum_missed,
         "round " + std::to_string(round()) + " was void " +
             std::to_string(config_.rules.retry_cap + 1) + " times, at last because " + reason,
         effects);
  } else {
    --retries_left_;
  }
}

void RoundCoordinator::gather(std::uint32_t attempt, double now, double not_before) {
  attempt_.reset();
  state_ = State::gathering;
  attempt_number_ = attempt;
  gathering_began_ = now;
  not_before_ = not_before;
}

void RoundCoordinator::fail(RunFailure cause, std::string detail, Effects& effects) {
  attempt_.reset();
  state_ = State::failed;
  failure_cause_ = cause;
  failure_ = std::move(detail);
  effects.emplace_back(RunFailed{failure_cause_, failure_, members_.reachable()});
}

RoundSummary RoundCoordinator::summarize(RoundOutcome outcome, std::string note, double now) const {
  RoundSummary summary;
  summary.round = round();
  summary.attempt = attempt_number_;
  summary.outcome = outcome;
  summary.note = std::move(note);
  if (attempt_) {
    summary.contributed = attempt_->collector().contributors();
    summary.absent = attempt_->absences(members_, now);
    summary.seconds = attempt_->seconds(now);
    return summary;
  }
  // Too few were there to begin: those who were are not to blame.
  summary.seconds = now - gathering_began_;
  const auto present = members_.present(now);
  for (const auto& name : members_.hospitals()) {
    if (std::find(present.begin(), present.end(), name) != present.end()) continue;
    summary.absent.push_back(members_.absence_of(name, now, {}));
  }
  return summary;
}

void RoundCoordinator::report(const RoundSummary& summary, double aggregation_error,
                              Effects& effects) {
  last_closed_ = summary;
  effects.emplace_back(RoundClosed{summary, aggregation_error});
  effects.emplace_back(Announce{members_.reachable(), summary});
}

}  // namespace hippocrypt::federation
