#pragma once
// Seam F: the aggregator's rules as a pure state machine. Events in, effects out; no actor, clock
// or I/O inside, so that a test can play any interleaving.
//
// A round is held in attempts. An attempt first waits for enough hospitals (before round 1 for all
// of them until the deadline, after a restart for a grace period), then is open: its collector
// gathers, phase after phase. A phase waits for those who show signs of life: for messages that
// take no work a grace period, for updates until the round's deadline and a grace period more. Who
// was silent for a grace period is not waited for, so a dead hospital never costs more; one that
// comes back while its answer can still count is asked again. An attempt with fewer contributors
// than the quorum is void and tried again, at most retry_cap times; once unmasking has begun it is
// not.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "federation/aggregator/attempt.hpp"
#include "federation/aggregator/collector.hpp"
#include "federation/aggregator/effects.hpp"
#include "federation/aggregator/membership.hpp"
#include "federation/aggregator/strategies/strategy.hpp"
#include "federation/common/messages.hpp"
#include "federation/common/round_config.hpp"

namespace hippocrypt::federation {

struct CoordinatorConfig {
  std::vector<std::string> hospitals;  ///< in the order of summation
  std::uint32_t rounds = 1;
  RoundRules rules;  ///< with a quorum of 1 to hospitals.size(): quorum_of derives it
};

/// What was persisted of a run, to go on from.
struct SavedRun {
  std::uint32_t round = 0;  ///< of the last PersistGlobal
  std::vector<float> global;
  Bytes strategy_state;
  /// Of the last PersistAttempt after it, if there is one.
  std::optional<PersistAttempt> attempt;
  std::vector<JournalEntry> entries;        ///< persisted in that attempt, in order
  std::optional<RoundSummary> last_closed;  ///< the newest summary that was persisted
};

/// Times (`now`) are seconds of any monotonic clock, the same for all events of one object.
/// Events never fail; what is not allowed comes back as Refused.
class RoundCoordinator {
 public:
  RoundCoordinator(CoordinatorConfig config, std::unique_ptr<Strategy> strategy,
                   CollectorFactory collectors, std::vector<float> initial);
  /// Goes on from what was persisted; hospitals join again. Errors: mismatch (a participant that
  /// the configuration does not name, more rounds than it has), and those of Strategy::restore and
  /// Collector::restore.
  static Result<RoundCoordinator> resume(CoordinatorConfig config,
                                         std::unique_ptr<Strategy> strategy,
                                         CollectorFactory collectors, SavedRun saved, double now);

  /// First of all, once.
  Effects start(double now);
  /// It is there, for the first time or again, from where the last RoundStart took it; whoever
  /// calls has checked who it is and that it starts from the same adapter.
  Effects on_join(const std::string& hospital, double now);
  /// Counts once per hospital and round; of another round or attempt, or a second time, it is
  /// refused as stale.
  Effects on_update(Update update, double now);
  Effects on_message(RoundMessage message, double now);
  /// A sign of life. An awaited hospital that says it works on another round (or none) has missed
  /// something and is told again.
  Effects on_heartbeat(const Heartbeat& heartbeat, double now);
  /// Another sign of life: a piece of a message has come.
  Effects on_alive(const std::string& hospital, double now);
  /// Its connection or actor is gone. It may come back within the grace period.
  Effects on_lost(const std::string& hospital, const std::string& cause, double now);
  /// It cannot take part, as it says itself or as was found when it joined. It may join later.
  Effects on_withdrawn(const std::string& hospital, const std::string& cause, double now);
  /// At least at the time of the last WakeAt; more often does no harm.
  Effects on_tick(double now);

  /// Rounds that are over.
  std::uint32_t rounds_over() const { return rounds_over_; }
  /// Of the round under way, from 1.
  std::uint32_t attempt() const { return attempt_number_; }
  bool finished() const { return state_ == State::finished; }
  bool failed() const { return state_ == State::failed; }
  const std::vector<float>& global() const { return global_; }

 private:
  enum class State : std::uint8_t { gathering, open, finished, failed };

  bool over() const { return state_ == State::finished || state_ == State::failed; }
  std::uint32_t round() const { return rounds_over_ + 1; }
  Status restore(SavedRun saved, double now);

  /// Whether a message may be handed to the collector; refuses it otherwise.
  bool admit(const std::string& hospital, std::uint32_t round, std::uint32_t attempt, double now,
             Effects& effects);
  bool admit_sender(const std::string& hospital, double now, Effects& effects);
  void judge(const std::string& hospital, const Status& status, Effects& effects);
  void tell_start(const std::string& hospital, double now, Effects& effects);

  /// Does what is due, and asks to be woken.
  Effects settle(double now, Effects effects = {});
  /// One step of what is due; false when there is none.
  bool advance(double now, Effects& effects);
  bool advance_gathering(double now, Effects& effects);
  bool advance_open(double now, Effects& effects);
  void open_attempt(std::vector<std::string> participants, double now, Effects& effects);
  void close_phase(double now, Effects& effects);
  void finish_attempt(double now, Effects& effects);
  void void_attempt(const std::string& reason, double now, Effects& effects);
  void end_round(RoundSummary summary, double now, Effects& effects,
                 double aggregation_error = std::numeric_limits<double>::quiet_NaN());
  void gather(std::uint32_t attempt, double now, double not_before);
  void fail(RunFailure cause, std::string detail, Effects& effects);
  RoundSummary summarize(RoundOutcome outcome, std::string note, double now) const;
  void report(const RoundSummary& summary, double aggregation_error, Effects& effects);
  double next_time(double now) const;
  double gathering_ends() const { return gathering_began_ + config_.rules.deadline_s; }

  CoordinatorConfig config_;
  std::unique_ptr<Strategy> strategy_;
  CollectorFactory collectors_;
  Membership members_;
  std::vector<float> global_;
  State state_ = State::gathering;
  bool started_ = false;
  bool resumed_ = false;
  /// Until when all hospitals are awaited before an attempt: before the first one of all, and for
  /// a grace period after a restart.
  double everybody_until_ = 0;
  std::uint32_t rounds_over_ = 0;
  std::uint32_t attempt_number_ = 1;
  std::uint32_t retries_left_;
  std::optional<Attempt> attempt_;
  double gathering_began_ = 0;
  double not_before_ = 0;  ///< an attempt after a void one waits a heartbeat
  std::optional<RoundSummary> last_closed_;
  std::string failure_;
  RunFailure failure_cause_ = RunFailure::quorum_missed;
  std::optional<double> wake_;
};

}  // namespace hippocrypt::federation
