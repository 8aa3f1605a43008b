#pragma once
// A hospital's side of a federation as a state machine: frames and finished work in, actions out;
// no actor, clock or thread inside. It stays responsive while a round is trained elsewhere, so keys
// and shares of secure aggregation travel meanwhile.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/session/secure_attempt.hpp"

namespace hippocrypt::federation {

/// To the aggregator.
struct SendFrame {
  Bytes frame;
};
/// Train this round, and hand the result to on_trained. One at a time: the next is asked for when
/// the last was answered. A round that is asked for again, as after a restart, is answered again by
/// the very same update.
struct TrainRound {
  RoundStart start;
};
/// The round that is being trained is of no use any more: stop at the next step.
struct StopTraining {};
/// Whether this hospital's update is in the round.
struct SettleRound {
  std::uint32_t round = 0;
  bool counted = false;
};
/// Measure the final adapter and report; the session is over.
struct FinishRun {
  FinalAdapter final;
};
/// The run ended before its last round; the session is over.
struct LeaveRun {
  std::string reason;
};
/// For the hospital's own eyes.
struct TellHospital {
  std::uint32_t round = 0;
  std::string text;
};
using SessionAction = std::variant<SendFrame, TrainRound, StopTraining, SettleRound, FinishRun,
                                   LeaveRun, TellHospital>;
using SessionActions = std::vector<SessionAction>;

class HospitalSession {
 public:
  struct Parts {
    std::string hospital;
    std::filesystem::path folder;             ///< of the hospital
    std::optional<HospitalJournal> journal;   ///< needed for secure aggregation
    std::shared_ptr<const SecureRun> secure;  ///< null: updates travel in the clear
    std::shared_ptr<StepRandom> random;       ///< of secure aggregation
    CrashHook on_point;
  };
  explicit HospitalSession(Parts parts);

  /// A frame from the aggregator. What does not belong here is told and changes nothing.
  SessionActions on_frame(ByteView frame);
  /// What became of the TrainRound before it.
  SessionActions on_trained(Update update);
  /// A step of the round that is being trained is done.
  void on_step(std::uint32_t step) { step_ = step; }
  Heartbeat heartbeat() const;

 private:
  struct Round {
    AttemptId id;
    std::vector<float> values;  ///< that it starts from, until they are handed to training
    bool is_asked = false;      ///< training was asked for
    bool is_answered = false;   ///< trained, sat out or failed
    bool is_broken = false;     ///< nothing more is said in this attempt
    std::unique_ptr<SecureAttempt> secure;
    std::optional<Update> update;  ///< trained, waiting for masks
  };
  void reach(std::string_view point) const;
  void on_start(RoundStart start, SessionActions& out);
  void on_message(const RoundMessage& message, SessionActions& out);
  void on_summary(const RoundSummary& summary, SessionActions& out);
  void train(SessionActions& out);
  void send_masked(SessionActions& out);
  void send_status(UpdateStatus status, SessionActions& out);
  void give_up_attempt(const Error& error, SessionActions& out);
  void end_attempt(SessionActions& out);

  Parts parts_;
  std::optional<Round> round_;
  std::optional<std::uint32_t> training_;  ///< the round that the worker is busy with
  std::optional<RoundStart> next_;         ///< to be trained after it
  std::uint32_t step_ = 0;
};

}  // namespace hippocrypt::federation
