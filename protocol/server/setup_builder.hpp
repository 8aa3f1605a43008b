#pragma once
// Builds what the blind server keeps: packed int8 weights for products, and the setup frame with
// the hints for hospitals. The frame is written in place, as its body can be gigabytes.

#include <memory>
#include <vector>

#include "crypto/core/masks.hpp"
#include "crypto/core/params.hpp"
#include "crypto/lwe/server/lwe_product.hpp"
#include "crypto/server/product.hpp"
#include "model/weights.hpp"
#include "protocol/core/block_range.hpp"
#include "protocol/core/messages.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::protocol {

/// One stacked matrix W, ready for both directions.
struct PackedSite {
  std::unique_ptr<crypto::PackedWeights> forward;   ///< W
  std::unique_ptr<crypto::PackedWeights> backward;  ///< Wᵀ; null for the head
  /// The same for the scalar scheme; null where that is not offered.
  std::unique_ptr<crypto::LweWeights> scalar_forward, scalar_backward;
};

struct ServerParts {
  /// (block - first)·linear_group_count + group, then the head if offered.
  std::vector<PackedSite> sites;
  SharedBytes setup_frame;
};

/// What the parts are built from; the references need only live during the call.
struct SetupSources {
  const model::ModelConfig& config;
  const model::BaseWeights& base;  ///< with a head that is not empty, the head is offered too
  const Hash256& model_fingerprint;
  const crypto::Params& params;
  const crypto::MaskNonce& mask_nonce;
  int threads = 1;
  bool offer_scalar = false;  ///< the scheme for comparison too: one more byte a weight
  BlockRange blocks = {};     ///< that are served; weights of others are not looked at

  /// What there is of them.
  BlockRange range() const { return blocks.within(config->blocks); }
};

/// Errors: mismatch (weights of other shapes than the configuration's), out_of_range (blocks that
/// the model does not have), limit_exceeded (a model beyond limits.hpp), not_finite, and those of
/// crypto::pack_weights.
Result<ServerParts> build_server_parts(const SetupSources& sources);

/// The same with the hints of a setup frame that was built before, by anyone: everything in it that
/// the sources determine is compared, and its hints against their hashes. Errors: besides those
/// above, mismatch, malformed, unsupported and limit_exceeded when the frame is not one of these
/// sources.
Result<ServerParts> adopt_setup_frame(const SetupSources& sources, SharedBytes frame);

/// The hints of one product of a site that the weights have, as the setup frame holds them: what a
/// hospital with the same weights computes for itself. `masks` are the server's. Errors:
/// not_finite.
Result<crypto::LanePolys> compute_site_hints(const model::BaseWeights& base, model::LinearSite site,
                                             Direction direction, crypto::LanePolysView masks,
                                             int threads);

}  // namespace hippocrypt::protocol
