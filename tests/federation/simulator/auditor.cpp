#include "tests/federation/simulator/auditor.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::federation::simulator {
namespace {

/// Clocks are sums of doubles.
constexpr double tick = 1e-6;

std::string describe(const RoundSummary& summary) {
  return "round " + std::to_string(summary.round) + '.' + std::to_string(summary.attempt);
}

}  // namespace

Auditor::Auditor(const Scenario& scenario, Outcome& outcome)
    : scenario_{scenario}, outcome_{outcome}, global_(update_values) {
  for (std::uint32_t i = 0; i < scenario.hospitals; ++i) index_["h" + std::to_string(i)] = i;
}

void Auditor::violation(std::string what) {
  if (outcome_.violations.size() < 20) outcome_.violations.push_back(std::move(what));
}

void Auditor::joined(const std::string& name, double now) {
  joined_.insert(name);
  connected_.insert(name);
  seen_[name] = now;
}

void Auditor::heard(const std::string& name, double now) {
  if (joined_.count(name) == 1) seen_[name] = now;
}

void Auditor::heard(const Update& update, double now) {
  const std::string& name = update.hospital;
  if (joined_.count(name) == 0) return;
  seen_[name] = now;
  const bool fits = open_ && update.round == open_->round && update.attempt == open_->attempt &&
                    open_->participants.count(name) == 1;
  if (!fits || open_->contributed.count(name) == 1 || open_->without.count(name) == 1) return;
  open_->last_answer = now;
  if (update.status == UpdateStatus::sat_out) {
    open_->without[name] = AbsenceCause::sat_out;
  } else if (update.status == UpdateStatus::failed) {
    open_->without[name] = AbsenceCause::failed;
  } else if (update.values.size() != update_values) {
    open_->without[name] = AbsenceCause::refused;
  } else {
    open_->contributed.insert(name);
  }
}

void Auditor::heard(const RoundMessage& message, double now) {
  heard(message.hospital, now);
  const bool fits = open_ && message.round == open_->round && message.attempt == open_->attempt;
  if (!fits || message.kind != RoundMessageKind::masked_update) return;
  if (scenario_.secagg || message.body.size() == update_values * sizeof(float)) {
    masked_.insert(message.hospital);
  }
}

void Auditor::killed() {
  joined_.clear();
  connected_.clear();
  seen_.clear();
  open_.reset();
  unannounced_.reset();
}

void Auditor::resumed(const std::optional<PersistAttempt>& attempt, double now) {
  if (!attempt || attempt->participants.empty()) return;
  open_ = Open{attempt->round, attempt->attempt, {}, now, now, {}, {}};
  for (const auto& name : attempt->participants) {
    open_->participants.insert(name);
    seen_[name] = now;
  }
}

double Auditor::silent_at(const std::string& name) const {
  const auto seen = seen_.find(name);
  return seen == seen_.end() ? 0 : seen->second + scenario_.rules.grace_s;
}

bool Auditor::silent(const std::string& name, double now) const {
  return silent_at(name) <= now + tick;
}

void Auditor::carried_out(const Effect& effect, const SavedRun& saved, double now) {
  if (const auto* global = std::get_if<PersistGlobal>(&effect)) {
    if (global->round == 0) return;
    check_global(*global);
    check_summary(*global->summary, now);
    open_.reset();
  } else if (const auto* attempt = std::get_if<PersistAttempt>(&effect)) {
    if (attempt->voided) {
      check_summary(*attempt->voided, now);
      open_.reset();
    } else {
      ++outcome_.attempts;
      const std::pair key{attempt->round, attempt->attempt};
      if (key == masked_attempt_) violation("an attempt is opened twice");
      masked_attempt_ = key;
      masked_.clear();
      open_ = Open{attempt->round, attempt->attempt, {}, now, now, {}, {}};
      open_->participants = {attempt->participants.begin(), attempt->participants.end()};
    }
  } else if (const auto* start = std::get_if<StartRound>(&effect)) {
    const bool durable = saved.round + 1 == start->round && saved.attempt &&
                         saved.attempt->round == start->round &&
                         saved.attempt->attempt == start->attempt;
    if (!durable) violation("a round is started that is not durable");
    if (start->values != global_) violation("a round is started from another adapter");
    if (unannounced_) violation("a round starts before the last one's end was announced");
  } else if (const auto* refused = std::get_if<Refused>(&effect)) {
    const bool harmless =
        refused->error.code == Errc::stale || refused->error.code == Errc::unavailable;
    if (!harmless && scenario_.faulty == 0) violation("refused: " + refused->error.detail);
  } else if (const auto* closed = std::get_if<RoundClosed>(&effect)) {
    unannounced_ = closed->summary;
  } else if (const auto* told = std::get_if<Announce>(&effect)) {
    const std::set<std::string> to{told->to.begin(), told->to.end()};
    if (unannounced_ && to == connected_) unannounced_.reset();
  }
}

void Auditor::event_over() {
  if (unannounced_) violation(describe(*unannounced_) + " was not announced to everybody");
  unannounced_.reset();
}

void Auditor::check_summary(const RoundSummary& summary, double now) {
  outcome_.absences += summary.absent.size();
  if (summary.outcome == RoundOutcome::retried) ++outcome_.voided;
  if (summary.outcome == RoundOutcome::skipped) ++outcome_.skipped;
  if (summary.outcome == RoundOutcome::closed &&
      summary.contributed.size() < scenario_.rules.quorum) {
    violation(describe(summary) + " counts without its quorum");
  }
  if (!open_) return;  // it never opened: too few were there
  check_names(summary);
  check_causes(summary, now);
  check_times(summary, now);
}

void Auditor::check_names(const RoundSummary& summary) {
  std::vector<std::string> all = summary.contributed;
  for (const auto& absence : summary.absent) all.push_back(absence.hospital);
  std::sort(all.begin(), all.end());
  auto expected = names_of(scenario_);
  std::sort(expected.begin(), expected.end());
  if (all != expected) violation(describe(summary) + " does not name everybody once");
  const std::set<std::string> in{summary.contributed.begin(), summary.contributed.end()};
  const bool right = scenario_.masked
                         ? std::includes(masked_.begin(), masked_.end(), in.begin(), in.end())
                         : in == open_->contributed;
  if (!right) violation(describe(summary) + " has other contributors than those who answered");
}

void Auditor::check_causes(const RoundSummary& summary, double now) {
  for (const auto& [name, cause, detail] : summary.absent) {
    bool right = true;
    const auto without = open_->without.find(name);
    if (without != open_->without.end()) {
      right = cause == without->second || scenario_.masked;  // it may have been out before
    } else if (joined_.count(name) == 0 && silent(name, now)) {
      right = cause == AbsenceCause::never_joined;
    } else if (!scenario_.masked) {
      right = cause == (silent(name, now) ? AbsenceCause::silent : AbsenceCause::late);
    }
    if (!right) {
      violation(describe(summary) + ": " + name + " is absent for the wrong cause, " +
                to_string(cause));
    }
  }
}

/// In the clear there is one phase, and the moment at which it must end is known. With phases those
/// after the updates have a grace period each.
void Auditor::check_times(const RoundSummary& summary, double now) {
  const auto& rules = scenario_.rules;
  double limit = open_->began + rules.deadline_s + rules.grace_s;
  if (scenario_.masked) limit += (scenario_.secagg ? 2 : 1) * rules.grace_s;
  if (now > limit + tick) violation(describe(summary) + " took too long");
  if (scenario_.masked) return;
  double last = open_->last_answer;
  std::size_t unanswered = 0;
  bool all_silent = true;
  for (const auto& name : open_->participants) {
    if (open_->contributed.count(name) == 1 || open_->without.count(name) == 1) continue;
    ++unanswered;
    last = std::max(last, silent_at(name));
    all_silent = all_silent && silent(name, now);
  }
  if (now > std::max(last, open_->began) + tick) {
    violation(describe(summary) + " waited for the dead");
  }
  const bool hopeless = open_->contributed.size() + unanswered < rules.quorum;
  if (!all_silent && !hopeless && now < limit - tick) {
    violation(describe(summary) + " dropped one that was slow but alive");
  }
}

void Auditor::check_global(const PersistGlobal& effect) {
  if (effect.round != ++rounds_over_) violation("a round was left out or held twice");
  std::vector<double> sum(update_values);
  double total = 0;
  if (effect.summary->outcome == RoundOutcome::closed) {
    for (const auto& name : effect.summary->contributed) {
      const std::uint32_t weight = weight_of(scenario_, index_.at(name));
      const auto update = update_of(index_.at(name), effect.round);
      for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] += static_cast<double>(weight) * static_cast<double>(update[i]);
      }
      total += weight;
    }
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const double expected = static_cast<double>(global_[i]) + (total > 0 ? sum[i] / total : 0);
    // Three roundings to float32 of values below 2^16.
    if (std::abs(static_cast<double>(effect.values[i]) - expected) > 3 * 0.00390625) {
      violation("round " + std::to_string(effect.round) + ": the adapter is not the mean's");
      break;
    }
  }
  global_ = effect.values;
}

}  // namespace hippocrypt::federation::simulator
