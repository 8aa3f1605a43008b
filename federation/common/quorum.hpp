#pragma once
// How many hospitals a round needs when the configuration does not say.

#include <cstdint>

namespace hippocrypt::federation {

/// Fewest contributors of a round that counts: `configured` (rounds.quorum), or a majority of the
/// `hospitals` when that is 0; in either case not fewer than `least`, which is 1 in the clear, and
/// with secure aggregation the larger of its threshold and secagg.min_contributors. It may exceed
/// `hospitals`: then no round can count, and the check of the configuration refuses it.
std::uint32_t quorum_of(std::uint32_t configured, std::uint32_t hospitals, std::uint32_t least);

}  // namespace hippocrypt::federation
