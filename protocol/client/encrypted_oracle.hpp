#pragma once
// Products with the blind server's weights on encrypted activations (DESIGN §3.1, §3.5, §8).
//
// The server must not learn how many tokens a step really has, so with a capacity every call sends
// the same number of tiles of the same size, whatever the data: missing tokens are zero columns,
// missing tiles are all zero. Dummy tiles are decrypted too, so that the pauses between requests
// say nothing either.
//
// Hints that the setup does not have at hand are streamed: asked for while the server multiplies,
// used for all the tiles of the product, and dropped. The product is the same to the last bit.

#include <memory>
#include <optional>

#include "base/phase_timer.hpp"
#include "base/random.hpp"
#include "model/linear_oracle.hpp"
#include "protocol/client/hint_stream.hpp"
#include "protocol/client/pad_pool.hpp"
#include "protocol/client/server_setup.hpp"
#include "protocol/client/tile_decryption.hpp"
#include "protocol/client/tile_exchange.hpp"
#include "protocol/core/envelope.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::protocol {

/// Belongs to one thread; several oracles may share a ServerSetup. Transport and random source must
/// outlive it.
class EncryptedOracle final : public model::LinearOracle {
 public:
  /// How often one request's bytes are sent before a failed exchange is given up.
  static constexpr int max_attempts = 3;
  /// Without a capacity, calls of up to so many tokens have pads made ahead for their number.
  static constexpr std::size_t most_few_tokens = 16;
  /// How often one product may find that the server has replaced its masks.
  static constexpr int max_refreshes = 2;

  struct Options {
    /// Every call (one of forward_blocks() too) sends ceil(capacity_tokens / tile_tokens) full
    /// tiles. 0: as many tiles as the input needs, the last one partial. That shows the number of
    /// tokens: only for what is not private.
    std::size_t capacity_tokens = 0;
    /// 1 to the parameters' ring dimension. A product whose answer would not fit a message uses
    /// the most that do.
    std::size_t tile_tokens = 0;
    /// Exchanges under way at once: with 2 or more, the client encrypts the next tile while the
    /// server multiplies the last, and the transport is called from several threads.
    std::size_t tiles_in_flight = 2;
    /// Memory for pads made ahead (pad_pool.hpp), on a thread of their own that uses the random
    /// source too; 0: none.
    std::size_t pad_bytes = 0;
    /// scalar: the LWE scheme for comparison, in tiles of at most max_scalar_tokens, without pads.
    Scheme scheme = Scheme::packed;
    /// Share the encryption and the decryption of each tile; what is sent does not depend on them.
    std::size_t threads = 1;
    /// Receives the time of "encrypt", "product" (the transport's) and "decrypt", unless null.
    PhaseTimer* timer = nullptr;
  };

  EncryptedOracle(std::shared_ptr<const ServerSetup> setup, ProductTransport& transport,
                  RandomSource& random, Options options);

  /// As in model::LinearOracle, and out_of_range (an unknown site, more tokens than the capacity,
  /// no tokens when the capacity is 0), unsupported and limit_exceeded (a peer's frame),
  /// unsupported (the head, where the server does not offer it), and whatever Errc the server's
  /// error_reply names. Nothing is sent when x is refused. A failed call may have sent some of its
  /// tiles: it is safe to call again, as every tile gets a fresh secret. When the server has
  /// replaced its masks, the setup is fetched again and the call repeated. Streamed hints can
  /// also give mismatch (not those that the table states) and malformed.
  Result<Matrix> forward(model::LinearSite site, ConstMatrixView x) override;
  /// A block is a tile. When the setup has been fetched again, it goes on with the tile that is
  /// due.
  Status forward_blocks(model::LinearSite site, ConstMatrixView x, const ColumnSink& sink) override;
  /// The exact adjoint of the quantised forward; not for the head (unsupported): row scales are
  /// applied before encryption.
  Result<Matrix> backward(model::LinearSite site, ConstMatrixView dy) override;

  /// Training and evaluation may have different capacities.
  void set_capacity(std::size_t tokens) { options_.capacity_tokens = tokens; }

  /// Bytes given to the transport for products and streamed hints, repeated attempts included.
  std::uint64_t bytes_up() const { return bytes_up_; }
  /// Bytes that came back.
  std::uint64_t bytes_down() const { return bytes_down_; }
  /// Tiles sent, each counted once however often it was tried.
  std::uint64_t requests() const { return requests_; }
  /// Null without pad_bytes.
  const PadPool* pads() const { return pads_.get(); }

 private:
  /// Takes a tile's answer, which starts at column `begin`.
  using TileTaker = std::function<Status(PendingTile& tile, std::size_t begin)>;
  Status check_site(model::LinearSite site) const;
  Status check_input(model::LinearSite site, std::size_t rows_wanted, ConstMatrixView x) const;
  Result<Matrix> product(const TileKind& kind, ConstMatrixView x);
  /// Whether the product's hints are not at hand, and wanted.
  bool streams(const TileKind& kind) const;
  Result<Matrix> streamed_product(const TileKind& kind, ConstMatrixView x);
  Status run_tiles(const TileKind& kind, ConstMatrixView x, const TileTaker& take);
  Status run_tiles_once(const TileKind& kind, ConstMatrixView x, std::size_t& done,
                        const TileTaker& take);
  std::size_t tile_width(const TileKind& kind) const;
  Result<PendingTile> start_tile(const TileKind& kind, ConstMatrixView x);
  Result<crypto::TileOpener> encrypt_packed(const TileKind& kind, ConstMatrixView x,
                                            FrameInPlace& frame);
  Status finish_tile(PendingTile& tile, std::size_t begin, Matrix& y);
  Result<AnsweredTile> answered(PendingTile& tile, std::size_t begin);
  RowDecryption decryption(const TileKind& kind) const;
  Status decrypt_with(HintStream& hints, const TileKind& kind, std::span<const AnsweredTile> tiles,
                      Matrix& y);
  Status refresh_setup();

  std::shared_ptr<const ServerSetup> setup_;
  ProductTransport& transport_;
  RandomSource& random_;
  Options options_;
  std::unique_ptr<PadPool> pads_;
  std::size_t padded_tokens_ = 0;  ///< of the pads of the product under way
  std::optional<crypto::LweSecret> scalar_secret_;
  std::uint64_t bytes_up_ = 0, bytes_down_ = 0, requests_ = 0;
};

}  // namespace hippocrypt::protocol
