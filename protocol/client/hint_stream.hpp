#pragma once
// Hints on their way from the server: pieces asked for ahead of their use, several under way at
// once, handed over in order. Both a download and a product whose hints are not at hand read one.

#include <cstdint>
#include <deque>
#include <future>
#include <span>
#include <vector>

#include "protocol/client/server_setup.hpp"
#include "protocol/client/tile_exchange.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::protocol {

/// Requests for a product's hints from `first_word` on, a multiple of 16: whole groups of
/// polynomials where it is one, about 1.9 MiB of traffic each.
std::vector<HintRequest> hint_pieces(const ServerSetup& setup, const TileKind& kind,
                                     std::uint64_t first_word = 0);

/// For one thread; asks from threads of its own. Holds in_flight pieces at most, and one unpacked.
class HintStream {
 public:
  /// How often one request's bytes are sent before a failed exchange is given up.
  static constexpr int max_attempts = 3;

  /// Asks for the first pieces at once. `transport` must outlive the object, whose end waits for
  /// the exchanges under way.
  HintStream(ProductTransport& transport, std::vector<HintRequest> pieces, std::size_t in_flight);

  bool done() const { return next_ == pieces_.size(); }
  /// What next() will give; not done().
  const HintRequest& upcoming() const { return pieces_[next_]; }
  /// The next piece's words, below q; valid until the next call. Errors: those of the transport and
  /// of what the server answers instead; malformed, unsupported, limit_exceeded (the frame, a
  /// word), mismatch (another request's reply).
  Result<std::span<const std::uint32_t>> next();

  /// Traffic of the pieces that next() has waited for.
  std::uint64_t bytes_up() const { return bytes_up_; }
  std::uint64_t bytes_down() const { return bytes_down_; }

 private:
  void ask();

  ProductTransport& transport_;
  const std::vector<HintRequest> pieces_;
  const std::size_t in_flight_;
  std::size_t asked_ = 0, next_ = 0;
  std::deque<std::future<Exchanged>> pending_;
  std::vector<std::uint32_t> words_;
  std::uint64_t bytes_up_ = 0, bytes_down_ = 0;
};

}  // namespace hippocrypt::protocol
