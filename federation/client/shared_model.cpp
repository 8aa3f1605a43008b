#include "federation/client/shared_model.hpp"

#include <array>
#include <utility>

#include "model/model_fingerprint.hpp"

namespace hippocrypt::federation {
namespace {

/// What a blind server calls the weights that the model is of, with or without the output head
/// among them; zero where that is not known.
class WeightNames {
 public:
  WeightNames(const EncryptionConfig& encryption, const model::ModelBundle& bundle) {
    if (bundle.part) {
      names_ = {bundle.part->weights, bundle.part->weights_with_head};
    } else if (encryption.uses_server() && !bundle.model.base.blocks.empty()) {
      names_[encryption.blind_head] =
          model::model_fingerprint(bundle.model.config, bundle.model.base);
    }
  }
  const Hash256& of(bool with_head) const { return names_[with_head]; }

 private:
  std::array<Hash256, 2> names_{};
};

/// Embedding, head and residuals of one model do not go with another's matrices.
Status check_weights(const model::ModelBundle& bundle, const WeightNames& names,
                     const OracleParts& oracle) {
  if (!oracle.setup) return Ok{};
  const Hash256& own = names.of(oracle.setup->contains(model::head_site));
  if (own == Hash256{} || own == oracle.setup->model_fingerprint()) return Ok{};
  if (!bundle.part) {
    return Error{Errc::mismatch, bundle.name +
                                     ": the blind server's model has the same shape and other "
                                     "weights; use the same files on both sides"};
  }
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
  const WeightNames names{encryption, bundle};
  HIPPOCRYPT_TRY(auto oracle,
                 OracleParts::create(encryption, bundle.model.config, std::move(bundle.model.base),
                                     server, std::move(residuals), std::move(keeper),
                                     names.of(encryption.blind_head)));
  HIPPOCRYPT_TRY_VOID(check_weights(bundle, names, oracle));
  return std::make_shared<const SharedModel>(
      SharedModel{bundle.model.config, std::move(bundle.tokenizer), bundle.special,
                  model::detect_chat_style(bundle.chat_template),
                  std::make_shared<const model::ClientWeights>(std::move(bundle.model.client)),
                  std::move(oracle)});
}

}  // namespace hippocrypt::federation
