#pragma once
// How the bodies of setup messages are laid out. Server and client compute it from the same shapes,
// so no offset travels that could be wrong.

#include <cstdint>
#include <vector>

#include "protocol/core/messages.hpp"

namespace hippocrypt::protocol {

/// A part of a body, in bytes from the body's start.
struct BodyRange {
  std::size_t offset = 0;
  std::size_t size_bytes = 0;
  /// That part, which must lie inside.
  ByteView of(ByteView body) const { return body.subspan(offset, size_bytes); }
  friend bool operator==(const BodyRange&, const BodyRange&) = default;
};

struct SiteLayout {
  BodyRange row_scales;      ///< out numbers, float32
  BodyRange forward_hints;   ///< out polynomials, as crypto::LanePolys lays them out
  BodyRange backward_hints;  ///< in polynomials; none for the head
};

struct SetupLayout {
  std::vector<SiteLayout> sites;
  std::size_t body_bytes = 0;  ///< a multiple of body_alignment
};

/// Of a setup reply: for each site in turn the row scales, the forward hints and the backward
/// hints, each starting at a multiple of body_alignment. Shapes must be at most max_features (rows
/// of the head: max_head_rows), and the sites at most max_sites, so that nothing can overflow.
SetupLayout lay_out_setup(const std::vector<SiteEntry>& sites, std::size_t ring_dim);

/// Of a setup table: the same without hints.
SetupLayout lay_out_table(const std::vector<SiteEntry>& sites);

/// The most features that any product of these sites reads: as many masks are needed.
std::size_t masks_needed(const std::vector<SiteEntry>& sites);

}  // namespace hippocrypt::protocol
