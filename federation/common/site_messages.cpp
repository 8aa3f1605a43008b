#include "federation/common/site_messages.hpp"

#include <cereal/types/array.hpp>
#include <cereal/types/string.hpp>

#include "base/check.hpp"
#include "federation/common/message_text.hpp"
#include "protocol/core/envelope.hpp"

namespace hippocrypt::federation {
namespace {

using protocol::MessageType;

Status check_entries(const char* what, std::size_t count) {
  if (count <= max_welcome_entries) return {};
  return Error{Errc::limit_exceeded, std::to_string(count) + " " + what + "; at most " +
                                         std::to_string(max_welcome_entries)};
}

struct WelcomeEnvelope {
  static constexpr MessageType message_type = MessageType::welcome;
  std::string run;
  std::uint32_t settings = 0, certificates = 0;  ///< in the body
  template <class Archive>
  void serialize(Archive& archive) {
    archive(run, settings, certificates);
  }
  Status validate() const {
    HIPPOCRYPT_TRY_VOID(check_text("run", run));
    HIPPOCRYPT_TRY_VOID(check_entries("settings", settings));
    return check_entries("certificates", certificates);
  }
};

struct BudgetStatementEnvelope {
  static constexpr MessageType message_type = MessageType::budget_statement;
  BudgetStatement statement;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(statement.hospital, statement.run, statement.round, statement.epsilon, statement.delta,
            statement.steps, statement.unit, statement.signature);
  }
  Status validate() const {
    HIPPOCRYPT_TRY_VOID(check_text("hospital", statement.hospital));
    HIPPOCRYPT_TRY_VOID(check_text("run", statement.run));
    HIPPOCRYPT_TRY_VOID(check_text("unit", statement.unit));
    const bool sensible = statement.epsilon >= 0 && statement.delta >= 0 && statement.delta <= 1;
    if (sensible) return {};
    return Error{Errc::malformed, "epsilon must be 0 or more, and delta from 0 to 1"};
  }
  std::size_t body_bytes() const { return 0; }
};

/// Counts are not believed: each entry costs bytes of the body.
Status read_body(ByteView body, const WelcomeEnvelope& envelope, Welcome& welcome) {
  ByteReader reader{body};
  for (std::uint32_t i = 0; i < envelope.settings; ++i) {
    Setting setting;
    HIPPOCRYPT_TRY(setting.key, read_text(reader, "setting"));
    HIPPOCRYPT_TRY(setting.value, read_text(reader, "value"));
    welcome.settings.push_back(std::move(setting));
  }
  for (std::uint32_t i = 0; i < envelope.certificates; ++i) {
    HIPPOCRYPT_TRY(const auto size, reader.read<std::uint32_t>());
    if (size > max_certificate_bytes) {
      return Error{Errc::malformed, "a certificate of " + std::to_string(size) +
                                        " bytes; at most " + std::to_string(max_certificate_bytes)};
    }
    HIPPOCRYPT_TRY(const ByteView bytes, reader.take(size));
    welcome.certificates.emplace_back(bytes.begin(), bytes.end());
  }
  if (reader.left() == 0) return {};
  return Error{Errc::malformed, std::to_string(reader.left()) + " bytes are left over"};
}

}  // namespace

Bytes statement_bytes(const BudgetStatement& statement) {
  ByteWriter writer;
  write_text(writer, "hippocrypt budget statement 1");
  write_text(writer, statement.hospital);
  write_text(writer, statement.run);
  writer.write(statement.round);
  writer.write(statement.epsilon);
  writer.write(statement.delta);
  writer.write(statement.steps);
  write_text(writer, statement.unit);
  return std::move(writer).take();
}

Bytes encode(const Welcome& message) {
  WelcomeEnvelope envelope;
  envelope.run = message.run;
  envelope.settings = static_cast<std::uint32_t>(message.settings.size());
  envelope.certificates = static_cast<std::uint32_t>(message.certificates.size());
  ByteWriter body;
  for (const auto& setting : message.settings) {
    write_text(body, setting.key);
    write_text(body, setting.value);
  }
  for (const auto& certificate : message.certificates) {
    HIPPOCRYPT_CHECK(certificate.size() <= max_certificate_bytes);
    body.write(static_cast<std::uint32_t>(certificate.size()));
    body.append(certificate);
  }
  return protocol::encode(envelope, std::move(body).take());
}

Bytes encode(const BudgetStatement& message) {
  return protocol::encode(BudgetStatementEnvelope{message});
}

Result<Welcome> decode_welcome(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<WelcomeEnvelope>(view));
  Welcome welcome;
  welcome.run = std::move(envelope.run);
  HIPPOCRYPT_TRY_VOID(read_body(view.body, envelope, welcome));
  return welcome;
}

Result<BudgetStatement> decode_budget_statement(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<BudgetStatementEnvelope>(view));
  return std::move(envelope.statement);
}

}  // namespace hippocrypt::federation
