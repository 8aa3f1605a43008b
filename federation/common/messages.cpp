#include "federation/common/messages.hpp"

#include <cereal/types/array.hpp>
#include <cereal/types/string.hpp>
#include <cstring>

#include "federation/common/message_text.hpp"

namespace hippocrypt::federation {
namespace {

using protocol::MessageType;

/// The frame's own limit bounds the body; this keeps count · 4 from wrapping round.
Status check_count(std::uint64_t count) {
  if (count <= protocol::max_body_bytes / sizeof(float)) return {};
  return Error{Errc::limit_exceeded, std::to_string(count) + " values; at most " +
                                         std::to_string(protocol::max_body_bytes / sizeof(float))};
}

struct JoinEnvelope {
  static constexpr MessageType message_type = MessageType::join;
  std::string hospital;
  Hash256 adapter_fingerprint{}, identity{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(hospital, adapter_fingerprint, identity);
  }
  Status validate() const { return check_text("hospital", hospital); }
  std::size_t body_bytes() const { return 0; }
};

struct RoundStartEnvelope {
  static constexpr MessageType message_type = MessageType::round_start;
  std::uint32_t round = 0, attempt = 0;
  std::uint64_t count = 0;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(round, attempt, count);
  }
  Status validate() const { return check_count(count); }
  std::size_t body_bytes() const { return count * sizeof(float); }
};

struct UpdateEnvelope {
  static constexpr MessageType message_type = MessageType::update;
  std::string hospital;
  std::uint32_t round = 0, attempt = 0;
  std::uint8_t status = 0;
  std::string reason;
  std::uint64_t count = 0;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(hospital, round, attempt, status, reason, count);
  }
  Status validate() const {
    HIPPOCRYPT_TRY_VOID(check_text("hospital", hospital));
    HIPPOCRYPT_TRY_VOID(check_text("reason", reason));
    HIPPOCRYPT_TRY_VOID(check_count(count));
    if (status <= static_cast<std::uint8_t>(UpdateStatus::failed)) return {};
    return Error{Errc::malformed, "unknown update status " + std::to_string(status)};
  }
  std::size_t body_bytes() const { return count * sizeof(float); }
};

struct FinalAdapterEnvelope {
  static constexpr MessageType message_type = MessageType::finish;
  std::uint64_t count = 0;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(count);
  }
  Status validate() const { return check_count(count); }
  std::size_t body_bytes() const { return count * sizeof(float); }
};

struct ProgressEnvelope {
  static constexpr MessageType message_type = MessageType::progress;
  std::uint8_t kind = 0;
  std::string source;
  std::uint32_t round = 0, step = 0;
  double loss = 0;
  std::string text;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(kind, source, round, step, loss, text);
  }
  Status validate() const {
    HIPPOCRYPT_TRY_VOID(check_text("source", source));
    HIPPOCRYPT_TRY_VOID(check_text("text", text));
    if (kind <= static_cast<std::uint8_t>(ProgressKind::note)) return {};
    return Error{Errc::malformed, "unknown kind of progress " + std::to_string(kind)};
  }
  std::size_t body_bytes() const { return 0; }
};

struct ReportEnvelope {
  static constexpr MessageType message_type = MessageType::report;
  Report report;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(report.hospital, report.loss_before, report.loss_after, report.epsilon,
            report.delta_overflow, report.steps, report.rounds_sat_out, report.bytes_up,
            report.bytes_down, report.failure);
  }
  Status validate() const {
    HIPPOCRYPT_TRY_VOID(check_text("hospital", report.hospital));
    return check_text("failure", report.failure);
  }
  std::size_t body_bytes() const { return 0; }
};

ByteView body_of(const std::vector<float>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)};
}

std::vector<float> values_of(ByteView body) {
  std::vector<float> values(body.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), body.data(), body.size());
  return values;
}

/// An envelope and, where the message has one, its body.
template <class Envelope>
struct Opened {
  Envelope envelope;
  ByteView body;
};

template <class Envelope>
Result<Opened<Envelope>> open(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<Envelope>(view));
  return Opened<Envelope>{std::move(envelope), view.body};
}

}  // namespace

Bytes encode(const Join& message) {
  JoinEnvelope envelope;
  envelope.hospital = message.hospital;
  envelope.adapter_fingerprint = message.adapter_fingerprint;
  envelope.identity = message.identity;
  return protocol::encode(envelope);
}

Bytes encode(const RoundStart& message) {
  RoundStartEnvelope envelope;
  envelope.round = message.round;
  envelope.attempt = message.attempt;
  envelope.count = message.values.size();
  return protocol::encode(envelope, body_of(message.values));
}

Bytes encode(const Update& message) {
  UpdateEnvelope envelope;
  envelope.hospital = message.hospital;
  envelope.round = message.round;
  envelope.attempt = message.attempt;
  envelope.status = static_cast<std::uint8_t>(message.status);
  envelope.reason = clipped(message.reason);
  envelope.count = message.values.size();
  return protocol::encode(envelope, body_of(message.values));
}

Bytes encode(const FinalAdapter& message) {
  FinalAdapterEnvelope envelope;
  envelope.count = message.values.size();
  return protocol::encode(envelope, body_of(message.values));
}

Bytes encode(const Progress& message) {
  ProgressEnvelope envelope;
  envelope.kind = static_cast<std::uint8_t>(message.kind);
  envelope.source = clipped(message.source);
  envelope.round = message.round;
  envelope.step = message.step;
  envelope.loss = message.loss;
  envelope.text = clipped(message.text);
  return protocol::encode(envelope);
}

Bytes encode(const Report& message) {
  ReportEnvelope envelope;
  envelope.report = message;
  envelope.report.failure = clipped(message.failure);
  return protocol::encode(envelope);
}

Result<Join> decode_join(ByteView frame) {
  HIPPOCRYPT_TRY(auto opened, open<JoinEnvelope>(frame));
  auto& envelope = opened.envelope;
  return Join{std::move(envelope.hospital), envelope.adapter_fingerprint, envelope.identity};
}

Result<RoundStart> decode_round_start(ByteView frame) {
  HIPPOCRYPT_TRY(const auto opened, open<RoundStartEnvelope>(frame));
  const auto& envelope = opened.envelope;
  return RoundStart{envelope.round, envelope.attempt, values_of(opened.body)};
}

Result<Update> decode_update(ByteView frame) {
  HIPPOCRYPT_TRY(auto opened, open<UpdateEnvelope>(frame));
  auto& envelope = opened.envelope;
  return Update{std::move(envelope.hospital),
                envelope.round,
                envelope.attempt,
                static_cast<UpdateStatus>(envelope.status),
                std::move(envelope.reason),
                values_of(opened.body)};
}

Result<std::string> update_sender(ByteView frame) {
  HIPPOCRYPT_TRY(auto opened, open<UpdateEnvelope>(frame));
  return std::move(opened.envelope.hospital);
}

Result<FinalAdapter> decode_final_adapter(ByteView frame) {
  HIPPOCRYPT_TRY(const auto opened, open<FinalAdapterEnvelope>(frame));
  return FinalAdapter{values_of(opened.body)};
}

Result<Progress> decode_progress(ByteView frame) {
  HIPPOCRYPT_TRY(auto opened, open<ProgressEnvelope>(frame));
  auto& envelope = opened.envelope;
  return Progress{static_cast<ProgressKind>(envelope.kind),
                  std::move(envelope.source),
                  envelope.round,
                  envelope.step,
                  envelope.loss,
                  std::move(envelope.text)};
}

Result<Report> decode_report(ByteView frame) {
  HIPPOCRYPT_TRY(auto opened, open<ReportEnvelope>(frame));
  return std::move(opened.envelope.report);
}

}  // namespace hippocrypt::federation
