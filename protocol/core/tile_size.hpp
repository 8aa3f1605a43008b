#pragma once
// How wide the tiles of a product are: it follows from shapes alone, so that traffic is known
// before anything is sent.

#include <cstddef>

#include "protocol/core/messages.hpp"

namespace hippocrypt::protocol {

/// The tokens of a tile: `tile_tokens`, or, where an answer of `outputs` rows would not fit a
/// message, half as many as often as is needed. `download_bits` are the packed scheme's. Needs
/// tile_tokens of 1 or more.
std::size_t tile_width(Scheme scheme, std::size_t outputs, std::size_t tile_tokens,
                       unsigned download_bits);

}  // namespace hippocrypt::protocol
