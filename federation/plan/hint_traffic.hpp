#pragma once
// How a hospital comes by its hints, in bytes: with the setup, once in pieces, or piece by piece
// beside every product whose hints are not kept.

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/core/params.hpp"
#include "federation/plan/traffic.hpp"
#include "protocol/core/messages.hpp"

namespace hippocrypt::federation {

class HintTraffic {
 public:
  /// Of these matrices, in the setup's order. `cache`: bytes that the hospital keeps of what comes
  /// over a network; none: all come with the setup, in one process.
  HintTraffic(const std::vector<protocol::SiteEntry>& sites, const crypto::Params& params,
              std::optional<std::uint64_t> cache);

  /// Row scales and the hints that are kept.
  const Traffic& setup() const { return setup_; }
  /// As they lie on disk or in memory.
  std::uint64_t kept_bytes() const { return kept_bytes_; }

  /// What words of hints take on the wire, in `pieces` frames each way.
  struct Pieces {
    Traffic bytes;
    std::uint64_t pieces = 0;
  };
  /// Of one call of a product of sites[site]; nothing where its hints are kept.
  Pieces streamed(std::size_t site, protocol::Direction direction) const;

 private:
  struct Product {
    std::uint64_t bytes = 0;
    bool is_kept = false;
  };
  Pieces pieces_of(const Product& product) const;

  std::size_t ring_dim_;
  std::vector<Product> products_;  ///< forward and backward, site after site
  Traffic setup_;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace hippocrypt::federation
