#pragma once
// Internal to crypto/client: from masks (or hints) and a secret to rows of pads.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "crypto/client/aligned_words.hpp"
#include "crypto/client/one_time_secret.hpp"
#include "crypto/core/lane_polys.hpp"
#include "crypto/core/ntt.hpp"
#include "crypto/core/prng.hpp"
#include "crypto/core/upcoming.hpp"

namespace hippocrypt::crypto {

constexpr std::size_t round_up_to_lanes(std::size_t count) {
  return (count + lanes - 1) / lanes * lanes;
}

/// Makes the pads of one group of 16 features after another in one buffer: by transforms, or for a
/// few tokens by inner products. Whoever made it keeps the secret, and the polynomials, alive.
class PadMaker {
 public:
  PadMaker(const Params& params, LanePolysView polys, const OneTimeSecret& secret,
           std::size_t tokens);
  /// From now on noise is added: b_j's a_j·s + e_j instead of H_i·s. The stream is keyed by 32
  /// bytes of `random`; every group takes 16·round_up_to_lanes(tokens) samples of it.
  void add_noise(RandomSource& random);

  /// Computes group `g`; groups come in ascending order, for the sake of the noise.
  void make(std::size_t g, const Upcoming& upcoming = {});
  /// Tokens [first, first + count) of the current group, 16 rows; `first` a multiple of 16, whole
  /// blocks of 16 are written.
  void write_rows(std::size_t first, std::size_t count, std::uint32_t* rows,
                  std::size_t row_stride) const;

 private:
  const NttTables& tables_;
  LanePolysView polys_;
  const OneTimeSecret& secret_;
  unsigned log_bound_;
  std::size_t noise_stride_;    ///< bytes of a row of noise
  std::size_t few_tokens_;      ///< the tokens when inner products are used, else 0
  AlignedSecretWords lanes_;    ///< [token][16]
  AlignedSecretWords weights_;  ///< of the inner products
  SecretBytes noise_;
  std::unique_ptr<StreamRandom> stream_;
};

}  // namespace hippocrypt::crypto
