#pragma once
// Builds what the blind server keeps: packed int8 weights for products, and the setup frame with
// the hints for hospitals. The frame is written in place, as its body can be gigabytes.

#include <memory>
#include <vector>

#include "crypto/core/masks.hpp"
#include "crypto/core/params.hpp"
#include "crypto/server/product.hpp"
#include "model/weights.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::protocol {

/// One stacked matrix W, ready for both directions.
struct PackedSite {
  std::unique_ptr<crypto::PackedWeights> forward;   ///< W
  std::unique_ptr<crypto::PackedWeights> backward;  ///< Wᵀ
};

struct ServerParts {
  std::vector<PackedSite> sites;  ///< block·linear_group_count + group
  SharedBytes setup_frame;
};

/// What the parts are built from; the references need only live during the call.
struct SetupSources {
  const model::ModelConfig& config;
  const model::BaseWeights& base;
  const Hash256& model_fingerprint;
  const crypto::Params& params;
  const crypto::MaskNonce& mask_nonce;
  int threads;
};

/// Errors: mismatch (weights of other shapes than the configuration's), limit_exceeded (a model
/// beyond limits.hpp), not_finite, and those of crypto::pack_weights.
Result<ServerParts> build_server_parts(const SetupSources& sources);

}  // namespace hippocrypt::protocol
