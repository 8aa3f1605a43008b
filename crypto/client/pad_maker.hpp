#pragma once
// Internal to crypto/client: from masks (or hints) and a secret to rows of pads.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/parallel.hpp"
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

/// Groups of 16 features that one thread takes at a time and whose noise is one stream: a fixed
/// number, so that a ciphertext does not depend on the number of threads.
inline constexpr std::size_t groups_a_chunk = 2;

/// What the threads of one tile share. Whoever made it keeps the secret, and the polynomials,
/// alive.
class PadPlan {
 public:
  PadPlan(const Params& params, LanePolysView polys, const OneTimeSecret& secret,
          std::size_t tokens);
  /// From now on noise is added: b_j's a_j·s + e_j instead of H_i·s. Every chunk's stream has a key
  /// of 32 bytes of `random`, in their order; every group takes 16·round_up_to_lanes(tokens)
  /// samples of it.
  void add_noise(RandomSource& random, std::size_t features);

 private:
  friend class PadMaker;
  const NttTables& tables_;
  LanePolysView polys_;
  const OneTimeSecret& secret_;
  unsigned log_bound_;
  std::size_t noise_stride_;  ///< bytes of a row of noise
  std::size_t tokens_;
  std::size_t inner_products_;  ///< the tokens when inner products are used, else 0
  AlignedSecretWords weights_;  ///< of the inner products
  SecretBytes noise_keys_;      ///< of the chunks; empty: no noise
};

/// One thread's: makes the pads of one group of 16 features after another in one buffer, by
/// transforms, by their first stages, or for very few tokens by inner products.
class PadMaker {
 public:
  explicit PadMaker(const PadPlan& plan);

  /// Computes group `g`; the groups of a chunk come in ascending order from its first, for the sake
  /// of the noise.
  void make(std::size_t g, const Upcoming& upcoming = {});
  /// Tokens [first, first + count) of the current group, 16 rows; `first` a multiple of 16, whole
  /// blocks of 16 are written.
  void write_rows(std::size_t first, std::size_t count, std::uint32_t* rows,
                  std::size_t row_stride) const;
  /// The same into rows of this maker, visit_tokens words each; count ≤ visit_tokens.
  const std::uint32_t* visit_rows(std::size_t first, std::size_t count);

 private:
  const PadPlan& plan_;
  AlignedSecretWords lanes_;  ///< [token][16]
  AlignedSecretWords rows_;   ///< of one visit
  SecretBytes noise_;
  std::unique_ptr<StreamRandom> stream_;
};

/// visit(maker, g) for every group of `features` features on up to `threads` threads.
template <class Visit>
void for_each_group(const PadPlan& plan, std::size_t features, std::size_t threads,
                    const Visit& visit) {
  const std::size_t groups = (features + lanes - 1) / lanes;
  const std::size_t chunks = (groups + groups_a_chunk - 1) / groups_a_chunk;
  std::vector<std::unique_ptr<PadMaker>> makers(
      std::max<std::size_t>(1, std::min(threads, chunks)));
  run_pieces(chunks, makers.size(), [&](std::size_t chunk, std::size_t worker) {
    if (makers[worker] == nullptr) makers[worker] = std::make_unique<PadMaker>(plan);
    const std::size_t end = std::min(groups, (chunk + 1) * groups_a_chunk);
    for (std::size_t g = chunk * groups_a_chunk; g < end; ++g) visit(*makers[worker], g);
  });
}

}  // namespace hippocrypt::crypto
