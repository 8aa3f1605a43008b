#pragma once
// What a hospital knows about the blind server: row scales and hints, viewed where they lie (in the
// setup frame, or in files), and the masks, which it makes itself. Of a model that several servers
// share there is a frame of each, with masks of its own. One object serves the whole process: share
// it.

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

/// Which product a tile, or hints, are for.
struct TileKind {
  model::LinearSite site;
  Direction direction;
  friend bool operator==(const TileKind&, const TileKind&) = default;
};

/// One product: y (outputs, tokens) = M·x (inputs, tokens), M being W or Wᵀ.
struct SiteProduct {
  std::size_t outputs = 0, inputs = 0;
  crypto::RowNormBounds bounds;  ///< of M's int8 rows
  Hash256 hint_sha256{};
  crypto::LanePolysView hints;  ///< outputs polynomials; none where they are not at hand

  bool has_hints() const { return hints.count() != 0; }
};

/// Whether these are the hints of `product`. Errors: malformed (a word that is not below q),
/// mismatch (another hash than the table's).
Status check_hints(const SiteProduct& product, std::span<const std::uint32_t> words);

/// One stacked matrix W (out, in).
struct ServerSite {
  model::LinearSite id{};
  std::span<const float> row_scale;  ///< out numbers, finite, at least 0
  SiteProduct forward;               ///< W
  SiteProduct backward;              ///< Wᵀ; none, of 0 by 0, for the head

  SiteProduct& product(Direction direction) {
    return direction == Direction::forward ? forward : backward;
  }
  const SiteProduct& product(Direction direction) const {
    return direction == Direction::forward ? forward : backward;
  }
};

class ServerSetup;

/// Where a hospital gets hints that do not come with the setup.
class HintKeeper {
 public:
  virtual ~HintKeeper() = default;
  /// Gives `setup`, of a table, the hints that are to be at hand (ServerSetup::set_hints); those of
  /// the other products are streamed. May take as long as a download.
  virtual Status provide(ServerSetup& setup, ProductTransport& transport) = 0;
};

/// Immutable once it is shared; any number of threads may read it.
class ServerSetup {
 public:
  /// Checks everything in the frames against the expected parameters and the model's shapes, and
  /// hints against their hashes, and keeps the frames: one of each server, in the order of their
  /// blocks, of which none may be missing or there twice. A frame is a setup reply, or a setup
  /// table, of whose products no hints are at hand. Errors: malformed, unsupported, limit_exceeded
  /// (a frame), out_of_range (shapes or norms that cannot be), mismatch (parameters, sites, hashes,
  /// weights of different models).
  static Result<std::shared_ptr<ServerSetup>> parse(std::vector<SharedBytes> frames,
                                                    const crypto::Params& expected,
                                                    const model::ModelConfig& config);
  /// Of one server that holds all blocks.
  static Result<std::shared_ptr<ServerSetup>> parse(SharedBytes frame,
                                                    const crypto::Params& expected,
                                                    const model::ModelConfig& config);
  /// Asks the servers for their setups, by the first block that is missing yet: whole, or with a
  /// keeper for the tables, for which the keeper provides hints. `weights` names the model where a
  /// server may have several of this shape (zero: it has one); whether it has been found is the
  /// caller's to see. Errors: those of parse, of the transport, of the keeper, and what the server
  /// answers instead.
  static Result<std::shared_ptr<const ServerSetup>> fetch(ProductTransport& transport,
                                                          const crypto::Params& expected,
                                                          const model::ModelConfig& config,
                                                          std::shared_ptr<HintKeeper> keeper = {},
                                                          const Hash256& weights = {});
  /// The same once more, for the masks that the server has now.
  Result<std::shared_ptr<const ServerSetup>> fetch_again(ProductTransport& transport) const;

  const crypto::Params& params() const { return params_; }
  const model::ModelConfig& config() const { return config_; }
  const Hash256& model_fingerprint() const { return model_fingerprint_; }
  /// Of the server that holds the site, which must be contained.
  const crypto::MaskNonce& mask_nonce(model::LinearSite site) const { return part(site).nonce; }
  /// Likewise; as many as the widest product's inputs.
  crypto::LanePolysView masks(model::LinearSite site) const { return part(site).masks.view(); }
  /// In the order of the model; the head, where it is offered, comes last.
  const std::vector<ServerSite>& sites() const { return sites_; }
  /// The head is contained where the server of block 0 offers it.
  bool contains(model::LinearSite site) const;
  /// The site must be contained.
  const ServerSite& at(model::LinearSite site) const;
  const SiteProduct& product(const TileKind& kind) const {
    return at(kind.site).product(kind.direction);
  }
  /// What a request about this product says about itself.
  ProductIds ids(const TileKind& kind, std::uint64_t request_id) const;

  /// Words that have passed check_hints(), kept as long as the setup.
  void set_hints(const TileKind& kind, SharedBytes words);

 private:
  /// What one server holds.
  struct Part {
    SharedBytes frame;  ///< what the spans in sites look into
    BlockRange blocks;
    Hash256 model_fingerprint;
    crypto::MaskNonce nonce;
    crypto::LanePolys masks;
    std::vector<ServerSite> sites;  ///< block by block, then the head if offered; moved to sites_
  };
  static Result<Part> parse_part(SharedBytes frame, const crypto::Params& expected,
                                 const model::ModelConfig& config, std::uint32_t first_block);
  static std::uint32_t next_block(const std::vector<Part>& parts);
  static Result<std::shared_ptr<ServerSetup>> make(std::vector<Part> parts,
                                                   const crypto::Params& params,
                                                   const model::ModelConfig& config);
  ServerSetup(std::vector<Part> parts, const crypto::Params& params,
              const model::ModelConfig& config);
  const Part& part(model::LinearSite site) const;
  std::size_t index_of(model::LinearSite site) const;

  std::vector<Part> parts_;        ///< in the order of their blocks: together all
  std::vector<SharedBytes> kept_;  ///< hints that are not in the parts' frames
  crypto::Params params_;
  model::ModelConfig config_;
  Hash256 model_fingerprint_;
  std::vector<ServerSite> sites_;
  std::shared_ptr<HintKeeper> keeper_;
};

}  // namespace hippocrypt::protocol
