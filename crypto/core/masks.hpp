#pragma once
// The public masks a_j: uniform polynomials from a public seed. One set, indexed by input position,
// serves every matrix of a model. Kept in NTT form: uniform in one form is uniform in the other.

#include <array>
#include <cstdint>

#include "base/sha256.hpp"
#include "crypto/core/lane_polys.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::crypto {

/// 32 public bytes, drawn once per deployment and rotated with the hints.
using MaskNonce = std::array<std::uint8_t, 32>;

/// a_0 … a_{features-1} in NTT form. Feature j is the SHAKE128 stream of
/// ("hippocrypt mask v1", parameter fingerprint, model fingerprint, nonce, j), read as 30-bit words
/// with rejection of values ≥ q. The first masks of a larger set equal those of a smaller one.
LanePolys make_masks(const Params& params, const Hash256& model_fingerprint, const MaskNonce& nonce,
                     std::size_t features);

}  // namespace hippocrypt::crypto
