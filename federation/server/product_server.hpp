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
};

/// Serves the frozen matrices of `base`, with the head where it holds one (model::offer_head),
/// which were opened from `spec` and are read from there again whenever the masks are replaced.
/// `random` draws the masks' nonces; null: the operating system. Of a model that several machines
/// serve only `blocks` are kept. Errors: those of params_of and
/// Deployment::create.
Result<ProductServer> start_product_server(const EncryptionConfig& encryption,
                                           const ServerConfig& server, const std::string& spec,
                                           const model::ModelConfig& config,
                                           model::BaseWeights base,
                                           std::shared_ptr<RandomSource> random = {},
                                           protocol::BlockRange blocks = {});

}  // namespace hippocrypt::federation
