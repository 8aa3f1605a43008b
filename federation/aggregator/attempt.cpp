#include "federation/aggregator/attempt.hpp"

#include <algorithm>

namespace hippocrypt::federation {

Attempt::Attempt(std::unique_ptr<Collector> collector, std::vector<std::string> participants,
                 double now)
    : collector_{std::move(collector)},
      participants_{participants.begin(), participants.end()},
      began_{now},
      phase_began_{now} {
  for (const auto& name : participants_) told_[name] = now;
}

void Attempt::set_aside(Absence absence) {
  const std::string name = absence.hospital;
  aside_.try_emplace(name, std::move(absence));
}

std::size_t Attempt::sat_out() const {
  return static_cast<std::size_t>(
      std::count_if(aside_.begin(), aside_.end(),
                    [](const auto& entry) { return entry.second.cause == AbsenceCause::sat_out; }));
}

std::set<std::string> Attempt::open_answers() const {
  auto names = collector_->awaited();
  for (const auto& [name, absence] : aside_) names.erase(name);
  return names;
}

std::set<std::string> Attempt::waiting(const Membership& members, double now) const {
  auto names = open_answers();
  for (auto name = names.begin(); name != names.end();) {
    name = members.silent(*name, now) ? names.erase(name) : std::next(name);
  }
  return names;
}

double Attempt::limit(const RoundRules& rules) const {
  if (collector_->phase() == PhaseKind::updates) return began_ + (rules.deadline_s + rules.grace_s);
  return phase_began_ + rules.grace_s;
}

double Attempt::next_time(const RoundRules& rules, const Membership& members, double now) const {
  double next = limit(rules);
  for (const auto& name : waiting(members, now)) next = std::min(next, members.silent_at(name));
  return next;
}

PhaseResult Attempt::close_phase(const Membership& members, double now) {
  for (const auto& name : open_answers()) {
    set_aside(members.absence_of(name, now, "it was not done in time"));
  }
  phase_began_ = now;
  return collector_->close_phase();
}

std::vector<Absence> Attempt::absences(const Membership& members, double now) const {
  const auto in = collector_->contributors();
  const std::set<std::string> contributors{in.begin(), in.end()};
  std::vector<Absence> absent;
  for (const auto& name : members.hospitals()) {
    if (contributors.count(name) == 1) continue;
    const auto aside = aside_.find(name);
    if (aside != aside_.end()) {
      absent.push_back(aside->second);
    } else {
      absent.push_back(members.absence_of(
          name, now,
          takes_part(name) ? "it was not done when the attempt ended"
                           : "it came after the start; it is in the next round"));
    }
  }
  return absent;
}

bool Attempt::may_remind(const std::string& name, double now, double pause) {
  if (open_answers().count(name) == 0 || now < told_.at(name) + pause) return false;
  told_[name] = now;
  return true;
}

}  // namespace hippocrypt::federation
