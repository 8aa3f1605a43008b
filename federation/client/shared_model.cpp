#include "federation/client/shared_model.hpp"

#include <utility>

namespace hippocrypt::federation {
namespace {

/// The residuals of one model do not make up for another's rounding.
Status check_weights(const model::ModelBundle& bundle, const OracleParts& oracle) {
  if (!bundle.part || !oracle.setup) return Ok{};
  const bool with_head = oracle.setup->contains(model::head_site);
  const Hash256& wanted = with_head ? bundle.part->weights_with_head : bundle.part->weights;
  if (wanted == oracle.setup->model_fingerprint()) return Ok{};
  return Error{Errc::mismatch,
               bundle.name +
                   ": this hospital's part was made from other weights than the blind server's; "
                   "make it again from the server's model (hippocrypt model client-part)"};
}

}  // namespace

Result<std::shared_ptr<const SharedModel>> SharedModel::create(
    const EncryptionConfig& encryption, model::ModelBundle bundle,
    model::ChannelResiduals residuals, protocol::ProductTransport* server,
    std::shared_ptr<protocol::HintKeeper> keeper) {
  HIPPOCRYPT_TRY(auto oracle,
                 OracleParts::create(encryption, bundle.model.config, std::move(bundle.model.base),
                                     server, std::move(residuals), std::move(keeper)));
  HIPPOCRYPT_TRY_VOID(check_weights(bundle, oracle));
  return std::make_shared<const SharedModel>(
      SharedModel{bundle.model.config, std::move(bundle.tokenizer), bundle.special,
                  model::detect_chat_style(bundle.chat_template),
                  std::make_shared<const model::ClientWeights>(std::move(bundle.model.client)),
                  std::move(oracle)});
}

}  // namespace hippocrypt::federation
