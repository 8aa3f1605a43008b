#include "federation/plan/hint_traffic.hpp"

#include <limits>

#include "protocol/core/envelope.hpp"
#include "protocol/core/hint_pieces.hpp"
#include "protocol/core/setup_layout.hpp"

namespace hippocrypt::federation {

HintTraffic::HintTraffic(const std::vector<protocol::SiteEntry>& sites,
                         const crypto::Params& params, std::optional<std::uint64_t> cache)
    : ring_dim_{params.ring_dim()} {
  protocol::HintLimit limit{cache.value_or(std::numeric_limits<std::uint64_t>::max())};
  const auto layout = protocol::lay_out_setup(sites, ring_dim_);
  for (const auto& site : layout.sites) {
    for (const auto& hints : {site.forward_hints, site.backward_hints}) {
      products_.push_back({hints.size_bytes, limit.keeps(hints.size_bytes)});
      if (products_.back().is_kept) kept_bytes_ += hints.size_bytes;
    }
  }
  setup_.up = protocol::frame_bytes(protocol::SetupRequest{}, 0);
  if (!cache) {
    protocol::SetupReply whole;
    whole.params_name = params.name();
    whole.sites = sites;
    setup_.down = protocol::frame_bytes(whole, layout.body_bytes);
    return;
  }
  protocol::SetupTable table;
  table.params_name = params.name();
  table.sites = sites;
  setup_.down = protocol::frame_bytes(table, table.body_bytes());
  for (const Product& product : products_) {
    if (product.is_kept) setup_ += pieces_of(product).bytes;
  }
}

HintTraffic::Pieces HintTraffic::pieces_of(const Product& product) const {
  Pieces out;
  for (const auto& piece : protocol::cut_hints(product.bytes / sizeof(std::uint32_t), ring_dim_)) {
    protocol::HintReply reply;
    reply.words = piece.words;
    out.bytes += Traffic{protocol::frame_bytes(protocol::HintRequest{}, 0),
                         protocol::frame_bytes(reply, reply.body_bytes())};
    ++out.pieces;
  }
  return out;
}

HintTraffic::Pieces HintTraffic::streamed(std::size_t site, protocol::Direction direction) const {
  const std::size_t forward = 2 * site;
  const Product& product =
      products_[direction == protocol::Direction::forward ? forward : forward + 1];
  return product.is_kept ? Pieces{} : pieces_of(product);
}

}  // namespace hippocrypt::federation
