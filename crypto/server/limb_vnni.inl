// One tile by vpdpbusd, over a `Vector` as in limb_pack.inl that also has `rows`, zero, broadcast
// (four weights to every word) and dpbusd (adds the four uint8·int8 products of each word, without
// saturation). Each weight word is loaded once for the three limbs, and each limb line once for all
// rows: rows·3 independent sums hide the latency and fit the registers.

#include "crypto/server/limb_pack.inl"

#define HIPPOCRYPT_INLINE __attribute__((always_inline)) inline

namespace hippocrypt::crypto {
namespace {

/// The sums of `rows` rows. Members instead of an array, which GCC would keep in memory.
template <class V, std::size_t rows>
struct RowSums {
  typename V::Vec sums[limb_count];
  RowSums<V, rows - 1> rest;

  HIPPOCRYPT_INLINE void clear() {
    sums[0] = sums[1] = sums[2] = V::zero();
    rest.clear();
  }
  HIPPOCRYPT_INLINE void add(const typename V::Vec* limbs, const std::int8_t* weights) {
    const auto w = V::broadcast(weights);
    sums[0] = V::dpbusd(sums[0], limbs[0], w);
    sums[1] = V::dpbusd(sums[1], limbs[1], w);
    sums[2] = V::dpbusd(sums[2], limbs[2], w);
    rest.add(limbs, weights + quad_inputs);
  }
  HIPPOCRYPT_INLINE void finish(std::uint32_t* to, bool accumulate) const {
    combine<V>(sums, to, accumulate);
    rest.finish(to + V::tokens, accumulate);
  }
};
template <class V>
struct RowSums<V, 0> {
  void clear() {}
  void add(const typename V::Vec*, const std::int8_t*) {}
  void finish(std::uint32_t*, bool) const {}
};

template <class V>
void multiply_vnni_tile(const std::int8_t* weights, const std::uint8_t* limbs, std::size_t inputs,
                        std::uint32_t* sums, bool accumulate) {
  constexpr std::size_t line = V::tokens * quad_inputs;
  RowSums<V, V::rows> rows;
  rows.clear();
  do {
    const typename V::Vec b[limb_count] = {V::load(limbs), V::load(limbs + line),
                                           V::load(limbs + 2 * line)};
    rows.add(b, weights);
    limbs += limb_count * line;
    weights += V::rows * quad_inputs;
    inputs -= quad_inputs;
  } while (inputs != 0);
  rows.finish(sums, accumulate);
}

inline void no_thread_state() {}

template <class V>
constexpr LimbKernel vnni_kernel(const char* name) {
  return {name,
          V::rows,
          V::tokens,
          quad_inputs,
          no_thread_state,
          no_thread_state,
          pack_limbs<V>,
          multiply_vnni_tile<V>,
          round_rows<V>};
}

}  // namespace
}  // namespace hippocrypt::crypto
