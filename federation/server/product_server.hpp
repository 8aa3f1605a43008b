#pragma once
// The blind server that a configuration asks for.

#include <memory>
#include <string>

#include "base/random.hpp"
#include "federation/common/federation_config.hpp"
#include "model/weights.hpp"
#include "protocol/core/block_range.hpp"
#include "protocol/core/frame_service.hpp"

namespace hippocrypt::federation {

struct ProductServer {
  std::shared_ptr<const protocol::FrameService> service;
  std::string note;  ///< what was done to start it, for people
  Hash256 model_fingerprint{};
  model::ModelConfig config;
};

/// Serves the frozen matrices of `base`, with the head where it holds one (model::offer_head),
/// which were opened from `spec` and are read from there again whenever the masks are replaced.
/// `random` draws the masks' nonces; null: the operating system. Errors: those of params_of and
/// Deployment::create.
Result<ProductServer> start_product_server(const EncryptionConfig& encryption,
                                           const ServerConfig& server, const std::string& spec,
                                           const model::ModelConfig& config,
                                           model::BaseWeights base,
                                           std::shared_ptr<RandomSource> random = {});

/// A model, or the blocks of one that are this machine's where several share it.
struct ModelToServe {
  std::string spec;  ///< as of model::open_weights
  protocol::BlockRange blocks;
};

/// The same of a model that is opened here, block by block: those of others are hashed, for the
/// model's fingerprint, and dropped before the next is read. With the head where the configuration
/// asks for it. Errors: also those of open_weights.
Result<ProductServer> open_product_server(const EncryptionConfig& encryption,
                                          const ServerConfig& server, const ModelToServe& model,
                                          std::shared_ptr<RandomSource> random = {});

}  // namespace hippocrypt::federation
