#pragma once
// What the hospitals of one process have in common: one copy of the weights, the hints and the
// tokenizer, however many they are. A hospital by itself makes one for itself.

#include <memory>
#include <optional>

#include "federation/client/hospital_data.hpp"
#include "federation/client/oracle_factory.hpp"
#include "model/source/open_model.hpp"
#include "protocol/client/hint_store.hpp"

namespace hippocrypt::federation {

/// Immutable once made; any number of threads may read it.
struct SharedModel {
  model::ModelConfig config;
  model::Tokenizer tokenizer;
  model::SpecialTokenIds special;
  std::optional<model::ChatStyle> chat;
  std::shared_ptr<const model::ClientWeights> weights;
  OracleParts oracle;

  /// Of a model with its head on offer where the configuration asks for it (model::offer_head); the
  /// frozen weights may be gone with an encrypted oracle. `residuals` are those of residuals_for().
  /// With a keeper, hints come from it. Errors: those of OracleParts::create; mismatch (the server
  /// has other weights than the model, or than a hospital's part was made from).
  static Result<std::shared_ptr<const SharedModel>> create(
      const EncryptionConfig& encryption, model::ModelBundle bundle,
      model::ChannelResiduals residuals, protocol::ProductTransport* server,
      std::shared_ptr<protocol::HintKeeper> keeper = {});
  /// How it turns notes into ids; the model must outlive it.
  TextCodec codec() const { return {tokenizer, special, chat}; }
};

}  // namespace hippocrypt::federation
