#pragma once
// What a hospital knows about the blind server: hints and row scales, viewed where they lie in the
// setup frame, and the masks, which it makes itself. Of a model that several servers share there is
// a frame of each, with masks of its own. One object serves the whole process: share it.

#include <memory>
#include <span>
#include <vector>

#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/masks.hpp"
#include "crypto/core/params.hpp"
#include "model/config.hpp"
#include "protocol/core/block_range.hpp"
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
  /// Checks everything in the frames against the expected parameters and the model's shapes, and
  /// the bodies against their hashes, and keeps the frames: one of each server, in the order of
  /// their blocks, of which none may be missing or there twice. Errors: malformed, unsupported,
  /// limit_exceeded (a frame), out_of_range (shapes or norms that cannot be), mismatch (parameters,
  /// sites, hash, weights of different models).
  static Result<std::shared_ptr<const ServerSetup>> parse(std::vector<SharedBytes> frames,
                                                          const crypto::Params& expected,
                                                          const model::ModelConfig& config);
  /// Of one server that holds all blocks.
  static Result<std::shared_ptr<const ServerSetup>> parse(SharedBytes frame,
                                                          const crypto::Params& expected,
                                                          const model::ModelConfig& config);
  /// Asks the servers for their setup frames, by the first block that is missing yet, and parses
  /// them. Errors: those of parse, of the transport,
  /// and what the server answers instead.
  static Result<std::shared_ptr<const ServerSetup>> fetch(ProductTransport& transport,
                                                          const crypto::Params& expected,
                                                          const model::ModelConfig& config);

  const crypto::Params& params() const { return params_; }
  const model::ModelConfig& config() const { return config_; }
  const Hash256& model_fingerprint() const { return model_fingerprint_; }
  /// Of the server that holds the site, which must be contained.
  const crypto::MaskNonce& mask_nonce(model::LinearSite site) const { return part(site).nonce; }
  /// Likewise; as many as the widest product's inputs.
  crypto::LanePolysView masks(model::LinearSite site) const { return part(site).masks.view(); }
  /// The head is contained where the server of block 0 offers it.
  bool contains(model::LinearSite site) const;
  /// The site must be contained.
  const ServerSite& at(model::LinearSite site) const;

 private:
  /// What one server holds.
  struct Part {
    SharedBytes frame;  ///< what the spans in sites look into
    BlockRange blocks;
    Hash256 model_fingerprint;
    crypto::MaskNonce nonce;
    crypto::LanePolys masks;
    std::vector<ServerSite> sites;  ///< block by block, then the head if offered
  };
  static Result<Part> parse_part(SharedBytes frame, const crypto::Params& expected,
                                 const model::ModelConfig& config, std::uint32_t first_block);
  static std::uint32_t next_block(const std::vector<Part>& parts);
  static Result<std::shared_ptr<const ServerSetup>> make(std::vector<Part> parts,
                                                         const crypto::Params& params,
                                                         const model::ModelConfig& config);
  ServerSetup(std::vector<Part> parts, const crypto::Params& params,
              const model::ModelConfig& config);
  const Part& part(model::LinearSite site) const;

  std::vector<Part> parts_;  ///< in the order of their blocks: together all
  crypto::Params params_;
  model::ModelConfig config_;
  Hash256 model_fingerprint_;
};

}  // namespace hippocrypt::protocol
