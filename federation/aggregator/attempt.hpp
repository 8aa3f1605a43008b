#pragma once
// One attempt of a round under way: its collector, its clock, and who is out of it and why.
// Internal to RoundCoordinator.

#include <map>
#include <memory>
#include <set>

#include "federation/aggregator/collector.hpp"
#include "federation/aggregator/membership.hpp"
#include "federation/common/round_config.hpp"

namespace hippocrypt::federation {

class Attempt {
 public:
  /// `collector` has begun or was restored.
  Attempt(std::unique_ptr<Collector> collector, std::vector<std::string> participants, double now);

  Collector& collector() { return *collector_; }
  const Collector& collector() const { return *collector_; }
  bool takes_part(const std::string& name) const { return participants_.count(name) == 1; }

  /// It has answered without a contribution: it is no longer awaited, whatever it sends.
  void set_aside(Absence absence);
  bool is_aside(const std::string& name) const { return aside_.count(name) == 1; }
  std::size_t sat_out() const;

  /// Whose message may still come: the phase lacks it and it is not set aside.
  std::set<std::string> open_answers() const;
  /// Those of them that show signs of life: the phase waits for these only.
  std::set<std::string> waiting(const Membership& members, double now) const;
  /// When the phase ends even so: with a grace period for messages that take no work, at the
  /// deadline and a grace period after it for updates.
  double limit(const RoundRules& rules) const;
  /// When the phase must be looked at again if nothing comes.
  double next_time(const RoundRules& rules, const Membership& members, double now) const;

  /// Ends the phase: who is awaited in vain is out of the attempt.
  PhaseResult close_phase(const Membership& members, double now);
  /// Everybody without a contribution, in the config's order, with the cause.
  std::vector<Absence> absences(const Membership& members, double now) const;
  double seconds(double now) const { return now - began_; }

  /// Whether a hospital that says it is idle may be reminded: not within `pause` of the last time.
  bool may_remind(const std::string& name, double now, double pause);
  void told(const std::string& name, double now) { told_[name] = now; }

 private:
  std::unique_ptr<Collector> collector_;
  std::set<std::string> participants_;
  double began_;
  double phase_began_;
  std::map<std::string, Absence> aside_;
  std::map<std::string, double> told_;
};

}  // namespace hippocrypt::federation
