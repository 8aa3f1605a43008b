#include "cli/preflight/model_checks.hpp"

#include "model/files/hospital_part.hpp"
#include "model/files/open_weights.hpp"
#include "protocol/core/messages.hpp"

namespace hippocrypt::cli {
namespace {

/// Of messages between hospitals and blind servers, as actors/gateways has them.
constexpr std::uint16_t request_type = 4, reply_type = 5;

/// As many digits as people compare.
std::string shortened(const Hash256& hash) { return to_hex(hash).substr(0, 16); }

Result<Hash256> offered(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  if (view.type == protocol::MessageType::error_reply) {
    HIPPOCRYPT_TRY(const auto reply, protocol::decode<protocol::ErrorReply>(view));
    return reply.to_error();
  }
  HIPPOCRYPT_TRY(const auto table, protocol::decode<protocol::SetupTable>(view));
  return table.model_fingerprint;
}

}  // namespace

Result<net::LineQuestion> model_question(const federation::EncryptionConfig& encryption,
                                         const model::ModelConfig& shape, std::uint32_t block,
                                         const Hash256& weights) {
  HIPPOCRYPT_TRY(const auto params, federation::params_of(encryption));
  const protocol::SetupRequest request{params.fingerprint(), shape.fingerprint(), weights, block,
                                       false};
  return net::LineQuestion{request_type, reply_type, SharedBytes{protocol::encode(request)}};
}

Result<Hash256> own_fingerprint(const federation::FederationConfig& config) {
  const std::string path = config.model.path.string();
  if (model::is_hospital_part(path)) {
    HIPPOCRYPT_TRY(const auto hospital, model::load_hospital_part(path));
    return config.encryption.blind_head ? hospital.part.weights_with_head : hospital.part.weights;
  }
  return model::open_fingerprint(path, config.encryption.blind_head);
}

Check judge_model(const std::string& where, const SharedBytes& answer, const Result<Hash256>& own) {
  const std::string name = "model of " + where;
  if (!answer) return skipped(name, "the server was not reached");
  const auto theirs = offered(*answer);
  if (!theirs) {
    return failed(name, theirs.error().detail +
                            "; the server's [[model]] and the federation's model.path and "
                            "encryption.params must go together");
  }
  if (!own) return failed(name, own.error().detail);
  if (*own == *theirs) return passed(name, "fingerprint " + shortened(*own) + ", as here");
  return failed(name, "fingerprint " + shortened(*theirs) + ", here it is " + shortened(*own) +
                          ": the files differ; copy one of the two models to the other");
}

}  // namespace hippocrypt::cli
