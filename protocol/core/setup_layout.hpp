#pragma once
// How the setup reply's body is laid out. Server and client compute it from the same shapes, so a
// table that says anything else is wrong, and no offset of a peer is ever followed.

#include <vector>

#include "protocol/core/messages.hpp"

namespace hippocrypt::protocol {

/// Fills in the three ranges of every site from its shape: for each site in turn the row scales,
/// the forward hints and the backward hints, each starting at a multiple of body_alignment. Returns
/// the body's length, a multiple of body_alignment. The head has no backward hints. Shapes must be
/// at most max_features (rows of the head: max_head_rows), and the sites at most max_sites, so that
/// nothing can overflow.
std::size_t lay_out_setup_body(std::vector<SiteEntry>& sites, std::size_t ring_dim);

/// The most features that any product of these sites reads: as many masks are needed.
std::size_t masks_needed(const std::vector<SiteEntry>& sites);

}  // namespace hippocrypt::protocol
