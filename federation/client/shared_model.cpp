#include "federation/client/shared_model.hpp"

#include <utility>

namespace hippocrypt::federation {

Result<std::shared_ptr<const SharedModel>> SharedModel::create(const EncryptionConfig& encryption,
                                                               model::ModelBundle bundle,
                                                               model::ChannelResiduals residuals,
                                                               protocol::ProductTransport* server) {
  HIPPOCRYPT_TRY(auto oracle,
                 OracleParts::create(encryption, bundle.model.config, std::move(bundle.model.base),
                                     server, std::move(residuals)));
  return std::make_shared<const SharedModel>(
      SharedModel{bundle.model.config, std::move(bundle.tokenizer), bundle.special,
                  model::detect_chat_style(bundle.chat_template),
                  std::make_shared<const model::ClientWeights>(std::move(bundle.model.client)),
                  std::move(oracle)});
}

}  // namespace hippocrypt::federation
