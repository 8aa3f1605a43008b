#pragma once
// What a hospital knows about the blind server: hints and row scales, viewed where they lie in the
// setup frame, and the masks, which it makes itself. One object serves the whole process: share it.

#include <memory>
#include <span>
#include <vector>

#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/masks.hpp"
#include "crypto/core/params.hpp"
#include "model/config.hpp"
#include "protocol/core/messages.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::protocol {

/// One product: y (outputs, tokens) = M·x (inputs, tokens), M being W or Wᵀ.
struct SiteProduct {
  std::size_t outputs = 0, inputs = 0;
  crypto::RowNormBounds bounds;  ///< of M's int8 rows
  crypto::LanePolysView hints;   ///< outputs polynomials
};

/// One stacked matrix W (out, in).
struct ServerSite {
  std::span<const float> row_scale;  ///< out numbers, finite, at least 0
  SiteProduct forward;               ///< W
  SiteProduct backward;              ///< Wᵀ; none, of 0 by 0, for the head
};

/// Immutable; any number of threads may read it.
class ServerSetup {
 public:
  /// Checks everything in the frame against the expected parameters and the model's shapes, and the
  /// body against its hash, and keeps the frame. Errors: malformed, unsupported, limit_exceeded
  /// (the frame), out_of_range (shapes or norms that cannot be), mismatch (parameters, sites,
  /// hash).
  static Result<std::shared_ptr<const ServerSetup>> parse(SharedBytes frame,
                                                          const crypto::Params& expected,
                                                          const model::ModelConfig& config);
  /// Asks the server for its setup frame and parses it. Errors: those of parse, of the transport,
  /// and what the server answers instead.
  static Result<std::shared_ptr<const ServerSetup>> fetch(ProductTransport& transport,
                                                          const crypto::Params& expected,
                                                          const model::ModelConfig& config);

  const crypto::Params& params() const { return params_; }
  const model::ModelConfig& config() const { return config_; }
  const Hash256& model_fingerprint() const { return model_fingerprint_; }
  const crypto::MaskNonce& mask_nonce() const { return mask_nonce_; }
  /// As many as the widest product's inputs.
  crypto::LanePolysView masks() const { return masks_.view(); }
  /// The head is contained where the server offers it.
  bool contains(model::LinearSite site) const;
  /// The site must be contained.
  const ServerSite& at(model::LinearSite site) const;

 private:
  ServerSetup(SharedBytes frame, const crypto::Params& params, const model::ModelConfig& config,
              const SetupReply& reply, std::vector<ServerSite> sites);

  SharedBytes frame_;  ///< what the spans in sites_ look into
  crypto::Params params_;
  model::ModelConfig config_;
  Hash256 model_fingerprint_;
  crypto::MaskNonce mask_nonce_;
  crypto::LanePolys masks_;
  std::vector<ServerSite> sites_;
};

}  // namespace hippocrypt::protocol
