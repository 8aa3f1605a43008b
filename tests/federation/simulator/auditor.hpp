#pragma once
// The rules of rounds a second time, written down independently of the coordinator: it hears what
// reaches the aggregator and what the aggregator does, and says what must not have been. Times are
// the simulator's.

#include <map>
#include <set>

#include "federation/aggregator/round_coordinator.hpp"
#include "federation/common/messages.hpp"
#include "tests/federation/simulator/scenario.hpp"

namespace hippocrypt::federation::simulator {

class Auditor {
 public:
  Auditor(const Scenario& scenario, Outcome& outcome);

  /// What reaches an aggregator that is up.
  void joined(const std::string& name, double now);
  void left(const std::string& name) { connected_.erase(name); }
  void heard(const std::string& name, double now);
  void heard(const Update& update, double now);
  void heard(const RoundMessage& message, double now);
  /// The aggregator was killed; later it goes on from `saved`.
  void killed();
  void resumed(const std::optional<PersistAttempt>& attempt, double now);

  /// An effect that is carried out; `saved` is what is durable by then.
  void carried_out(const Effect& effect, const SavedRun& saved, double now);
  /// All effects of one event are carried out.
  void event_over();
  void violation(std::string what);

 private:
  struct Open {
    std::uint32_t round = 0, attempt = 0;
    std::set<std::string> participants;
    double began = 0;
    double last_answer = 0;
    std::map<std::string, AbsenceCause> without;  ///< answered, but with nothing that counts
    std::set<std::string> contributed;            ///< in the clear, to this aggregator, in time
  };

  void check_summary(const RoundSummary& summary, double now);
  void check_names(const RoundSummary& summary);
  void check_causes(const RoundSummary& summary, double now);
  void check_times(const RoundSummary& summary, double now);
  void check_global(const PersistGlobal& effect);
  bool silent(const std::string& name, double now) const;
  double silent_at(const std::string& name) const;

  const Scenario& scenario_;
  Outcome& outcome_;
  std::map<std::string, std::uint32_t> index_;
  std::map<std::string, double> seen_;
  std::set<std::string> joined_, connected_;
  std::optional<Open> open_;
  /// Masked updates of the newest attempt: its sum may outlive the aggregator that gathered it.
  std::pair<std::uint32_t, std::uint32_t> masked_attempt_{0, 0};
  std::set<std::string> masked_;
  std::vector<float> global_;
  std::uint32_t rounds_over_ = 0;
  std::optional<RoundSummary> unannounced_;
};

}  // namespace hippocrypt::federation::simulator
