#include "federation/common/round_messages.hpp"

#include <cereal/types/string.hpp>

#include "federation/common/message_text.hpp"
#include "protocol/core/envelope.hpp"

namespace hippocrypt::federation {
namespace {

using protocol::MessageType;

template <class Enum>
Status check_enum(const char* field, std::uint8_t value, Enum last) {
  if (value <= static_cast<std::uint8_t>(last)) return {};
  return Error{Errc::malformed, std::string{"unknown "} + field + " " + std::to_string(value)};
}

struct HeartbeatEnvelope {
  static constexpr MessageType message_type = MessageType::heartbeat;
  Heartbeat heartbeat;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(heartbeat.hospital, heartbeat.round, heartbeat.step);
  }
  Status validate() const { return check_text("hospital", heartbeat.hospital); }
  std::size_t body_bytes() const { return 0; }
};

struct RoundMessageEnvelope {
  static constexpr MessageType message_type = MessageType::round_message;
  std::string hospital;
  std::uint32_t round = 0, attempt = 0;
  std::uint8_t kind = 0;
  std::uint64_t size = 0;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(hospital, round, attempt, kind, size);
  }
  Status validate() const {
    HIPPOCRYPT_TRY_VOID(check_text("hospital", hospital));
    return check_enum("kind of round message", kind, RoundMessageKind::unmask_shares);
  }
  std::size_t body_bytes() const { return size; }
};

struct RoundSummaryEnvelope {
  static constexpr MessageType message_type = MessageType::round_summary;
  std::uint32_t round = 0, attempt = 0;
  std::uint8_t outcome = 0;
  double seconds = 0;
  std::string note;
  std::uint32_t contributed = 0, absent = 0;  ///< names in the body
  template <class Archive>
  void serialize(Archive& archive) {
    archive(round, attempt, outcome, seconds, note, contributed, absent);
  }
  Status validate() const {
    HIPPOCRYPT_TRY_VOID(check_text("note", note));
    return check_enum("outcome", outcome, RoundOutcome::skipped);
  }
};

struct RunEndedEnvelope {
  static constexpr MessageType message_type = MessageType::run_ended;
  std::string reason;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(reason);
  }
  Status validate() const { return check_text("reason", reason); }
  std::size_t body_bytes() const { return 0; }
};

/// Names of contributors, then the absent. Counts are not believed: each costs bytes of the body.
Status read_body(ByteView body, const RoundSummaryEnvelope& envelope, RoundSummary& summary) {
  ByteReader reader{body};
  for (std::uint32_t i = 0; i < envelope.contributed; ++i) {
    HIPPOCRYPT_TRY(auto name, read_text(reader, "contributor"));
    summary.contributed.push_back(std::move(name));
  }
  for (std::uint32_t i = 0; i < envelope.absent; ++i) {
    Absence absence;
    HIPPOCRYPT_TRY(absence.hospital, read_text(reader, "absentee"));
    HIPPOCRYPT_TRY(const auto cause, reader.read<std::uint8_t>());
    HIPPOCRYPT_TRY_VOID(check_enum("cause", cause, AbsenceCause::never_joined));
    absence.cause = static_cast<AbsenceCause>(cause);
    HIPPOCRYPT_TRY(absence.detail, read_text(reader, "detail"));
    summary.absent.push_back(std::move(absence));
  }
  if (reader.left() == 0) return {};
  return Error{Errc::malformed, std::to_string(reader.left()) + " bytes are left over"};
}

}  // namespace

const char* to_string(RoundMessageKind kind) {
  switch (kind) {
    case RoundMessageKind::key_advert:
      return "key advert";
    case RoundMessageKind::key_book:
      return "key book";
    case RoundMessageKind::share_bundle:
      return "share bundle";
    case RoundMessageKind::share_book:
      return "share book";
    case RoundMessageKind::masked_update:
      return "masked update";
    case RoundMessageKind::survivors:
      return "survivor set";
    case RoundMessageKind::signature:
      return "signature";
    case RoundMessageKind::signature_book:
      return "signature book";
    case RoundMessageKind::unmask_shares:
      return "unmasking shares";
  }
  return "unknown";
}

const char* to_string(AbsenceCause cause) {
  switch (cause) {
    case AbsenceCause::silent:
      return "silent";
    case AbsenceCause::late:
      return "late";
    case AbsenceCause::failed:
      return "failed";
    case AbsenceCause::sat_out:
      return "sat out";
    case AbsenceCause::refused:
      return "refused";
    case AbsenceCause::never_joined:
      return "never joined";
  }
  return "unknown";
}

const char* to_string(RoundOutcome outcome) {
  switch (outcome) {
    case RoundOutcome::closed:
      return "closed";
    case RoundOutcome::retried:
      return "retried";
    case RoundOutcome::skipped:
      return "skipped";
  }
  return "unknown";
}

Bytes encode(const Heartbeat& message) { return protocol::encode(HeartbeatEnvelope{message}); }

Bytes encode(const RoundMessage& message) {
  return protocol::encode(
      RoundMessageEnvelope{message.hospital, message.round, message.attempt,
                           static_cast<std::uint8_t>(message.kind), message.body.size()},
      message.body);
}

Bytes encode(const RoundSummary& message) {
  ByteWriter body;
  for (const auto& name : message.contributed) write_text(body, name);
  for (const auto& absence : message.absent) {
    write_text(body, absence.hospital);
    body.write(static_cast<std::uint8_t>(absence.cause));
    write_text(body, absence.detail);
  }
  RoundSummaryEnvelope envelope;
  envelope.round = message.round;
  envelope.attempt = message.attempt;
  envelope.outcome = static_cast<std::uint8_t>(message.outcome);
  envelope.seconds = message.seconds;
  envelope.note = clipped(message.note);
  envelope.contributed = static_cast<std::uint32_t>(message.contributed.size());
  envelope.absent = static_cast<std::uint32_t>(message.absent.size());
  return protocol::encode(envelope, std::move(body).take());
}

Bytes encode(const RunEnded& message) {
  return protocol::encode(RunEndedEnvelope{clipped(message.reason)});
}

Result<Heartbeat> decode_heartbeat(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<HeartbeatEnvelope>(view));
  return std::move(envelope.heartbeat);
}

Result<RoundMessage> decode_round_message(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<RoundMessageEnvelope>(view));
  return RoundMessage{std::move(envelope.hospital), envelope.round, envelope.attempt,
                      static_cast<RoundMessageKind>(envelope.kind),
                      Bytes{view.body.begin(), view.body.end()}};
}

Result<std::string> round_message_sender(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<RoundMessageEnvelope>(view));
  return std::move(envelope.hospital);
}

Result<RoundSummary> decode_round_summary(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<RoundSummaryEnvelope>(view));
  RoundSummary summary;
  summary.round = envelope.round;
  summary.attempt = envelope.attempt;
  summary.outcome = static_cast<RoundOutcome>(envelope.outcome);
  summary.seconds = envelope.seconds;
  summary.note = std::move(envelope.note);
  HIPPOCRYPT_TRY_VOID(read_body(view.body, envelope, summary));
  return summary;
}

Result<RunEnded> decode_run_ended(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<RunEndedEnvelope>(view));
  return RunEnded{std::move(envelope.reason)};
}

}  // namespace hippocrypt::federation
