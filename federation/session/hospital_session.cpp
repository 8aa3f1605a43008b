#include "federation/session/hospital_session.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "federation/session/for_aggregator.hpp"

namespace hippocrypt::federation {

HospitalSession::HospitalSession(Parts parts) : parts_{std::move(parts)} {
  HIPPOCRYPT_CHECK(parts_.secure == nullptr || (parts_.journal && parts_.random));
  if (parts_.secure) SecureAttempt::forget_old_secrets(parts_.folder, *parts_.journal);
}

void HospitalSession::reach(std::string_view point) const {
  if (parts_.on_point && round_) parts_.on_point(point, round_->id.round);
}

Heartbeat HospitalSession::heartbeat() const {
  return {parts_.hospital, round_ ? round_->id.round : 0, step_};
}

SessionActions HospitalSession::on_frame(ByteView frame) {
  SessionActions out;
  if (auto start = decode_round_start(frame)) {
    on_start(std::move(start).value(), out);
  } else if (const auto message = decode_round_message(frame)) {
    on_message(*message, out);
  } else if (const auto summary = decode_round_summary(frame)) {
    on_summary(*summary, out);
  } else if (auto final = decode_final_adapter(frame)) {
    end_attempt(out);
    out.emplace_back(FinishRun{std::move(final).value()});
  } else if (auto ended = decode_run_ended(frame)) {
    end_attempt(out);
    out.emplace_back(LeaveRun{std::move(ended->reason)});
  } else {
    out.emplace_back(TellHospital{0, "a message that is none: " + to_string(ended.error())});
  }
  return out;
}

void HospitalSession::on_start(RoundStart start, SessionActions& out) {
  const AttemptId id{start.round, start.attempt};
  if (round_ && id < round_->id) {
    out.emplace_back(TellHospital{id.round, "the start of an attempt that is over"});
    return;
  }
  if (!round_ || round_->id != id) {
    end_attempt(out);
    round_.emplace();
    round_->id = id;
    reach("round announced");
  }
  if (round_->is_broken) return;
  round_->values = std::move(start.values);
  if (parts_.secure != nullptr && round_->secure == nullptr) {
    auto attempt = SecureAttempt::open(
        {parts_.secure, *parts_.journal, parts_.folder, *parts_.random, parts_.on_point}, id);
    if (!attempt) return give_up_attempt(attempt.error(), out);
    round_->secure = std::move(attempt).value();
  }
  if (round_->secure) out.emplace_back(SendFrame{encode(round_->secure->advert())});
  if (!round_->update) train(out);
}

void HospitalSession::train(SessionActions& out) {
  RoundStart start{round_->id.round, round_->id.attempt, std::move(round_->values)};
  round_->values = {};
  if (!training_) {
    training_ = start.round;
    step_ = 0;
    out.emplace_back(TrainRound{std::move(start)});
  } else if (*training_ != start.round) {
    if (!next_) out.emplace_back(StopTraining{});
    next_ = std::move(start);
  }
}

SessionActions HospitalSession::on_trained(Update update) {
  SessionActions out;
  training_.reset();
  const bool is_current = round_ && update.round == round_->id.round;
  if (next_ && round_ && next_->round == round_->id.round && !is_current) {
    training_ = next_->round;
    step_ = 0;
    out.emplace_back(TrainRound{std::move(*next_)});
    next_.reset();
    return out;
  }
  next_.reset();
  if (!is_current || round_->is_broken) return out;
  update.hospital = parts_.hospital;
  update.attempt = round_->id.attempt;
  if (update.status != UpdateStatus::contributed) {
    out.emplace_back(TellHospital{update.round, update.reason});
    send_status(update.status, out);
  } else if (round_->secure) {
    round_->update = std::move(update);
    send_masked(out);
  } else {
    out.emplace_back(SendFrame{encode(for_aggregator(std::move(update)))});
  }
  return out;
}

void HospitalSession::send_status(UpdateStatus status, SessionActions& out) {
  Update update;
  update.hospital = parts_.hospital;
  update.round = round_->id.round;
  update.attempt = round_->id.attempt;
  update.status = status;
  out.emplace_back(SendFrame{encode(for_aggregator(std::move(update)))});
}

/// As soon as both the update and the masks are there.
void HospitalSession::send_masked(SessionActions& out) {
  if (!round_->update || !round_->secure->can_mask()) return;
  auto masked = round_->secure->mask(round_->update->values);
  if (!masked) return give_up_attempt(masked.error(), out);
  round_->update.reset();
  if (masked->clamped > 0) {
    out.emplace_back(TellHospital{
        round_->id.round, std::to_string(masked->clamped) +
                              " values of the update are beyond secagg.range and were clamped"});
  }
  out.emplace_back(SendFrame{std::move(masked->frame)});
}

void HospitalSession::on_message(const RoundMessage& message, SessionActions& out) {
  const AttemptId id{message.round, message.attempt};
  if (!round_ || id != round_->id || !round_->secure || round_->is_broken ||
      message.hospital != parts_.hospital) {
    return;  // late, or none of this hospital's
  }
  auto answer = round_->secure->answer(message);
  if (!answer) return give_up_attempt(answer.error(), out);
  if (*answer) {
    out.emplace_back(SendFrame{encode(**answer)});
  } else {
    send_masked(out);
  }
}

/// The aggregator hears only that this hospital is not in the attempt.
void HospitalSession::give_up_attempt(const Error& error, SessionActions& out) {
  round_->is_broken = true;
  round_->update.reset();
  out.emplace_back(TellHospital{
      round_->id.round,
      "takes no part in attempt " + std::to_string(round_->id.attempt) + ": " + to_string(error)});
  send_status(UpdateStatus::failed, out);
}

void HospitalSession::on_summary(const RoundSummary& summary, SessionActions& out) {
  if (round_ && AttemptId{summary.round, summary.attempt} >= round_->id) end_attempt(out);
  if (summary.outcome == RoundOutcome::retried) return;
  const auto& all = summary.contributed;
  const bool counted = summary.outcome == RoundOutcome::closed &&
                       std::find(all.begin(), all.end(), parts_.hospital) != all.end();
  out.emplace_back(SettleRound{summary.round, counted});
}

void HospitalSession::end_attempt(SessionActions& out) {
  if (!round_ || !round_->secure) return;
  if (const auto ended = round_->secure->end(); !ended) {
    out.emplace_back(TellHospital{round_->id.round, to_string(ended.error())});
  }
  round_->secure.reset();
  round_->update.reset();
  round_->is_broken = true;  // nothing more is said in it
}

}  // namespace hippocrypt::federation
