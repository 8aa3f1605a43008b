// Included by lane_transform_<isa>.cpp after its vector_<isa>.inl, with HIPPOCRYPT_LANE_ENTRY(name)
// pasting the prefix. Everything else is in an unnamed namespace, so that the linker
// cannot merge code compiled for different instruction sets. The modulus arrives at run time:
// compilers turn a multiplication by a constant q into shifts and additions, which is a fifth
// slower. Legend: values between passes are below 2q; a sum of two is below 4q and fits 32 bits.

#include "crypto/core/lane_kernels.hpp"

namespace hippocrypt::crypto {
namespace {

using lane_kernels::InnerProducts;
using lane_kernels::InverseProduct;

constexpr std::size_t lane_count = 16;
/// Masks and hints come from memory; the hardware's own prefetch stops at page ends.
constexpr std::size_t prefetch_words = 2048;

struct Moduli {
  Vec q, two_q;
};

inline Vec multiply_lazy(Vec x, Vec w, Vec quotient, const Moduli& m) {
  return sub(mul_low(x, w), mul_low(mul_high(x, quotient), m.q));
}

/// (x, y) to (x + y, (x - y)·w), all below 2q.
inline void butterfly(Vec& x, Vec& y, Vec w, Vec quotient, const Moduli& m) {
  const Vec sum = add(x, y);
  const Vec difference = add(x, sub(m.two_q, y));
  x = min(sum,
          sub(sum, m.two_q));  // an underflow wraps to a large value, so min picks the right one
  y = multiply_lazy(difference, w, quotient, m);
}

/// The roots of `levels` merged stages for one block of 2^levels·stride coefficients, in the order
/// of use. Written out rather than looped over, so that everything stays in registers.
template <int levels>
struct BlockRoots {
  Vec w[1U << levels], quotient[1U << levels];

  BlockRoots(const InverseProduct& job, std::size_t stride, std::size_t block) {
    const std::size_t first = job.ring_dim / (2 * stride);
    if constexpr (levels == 1) {
      set(0, job, first + block);
    } else if constexpr (levels == 2) {
      set(0, job, first + 2 * block);
      set(1, job, first + 2 * block + 1);
      set(2, job, first / 2 + block);
    } else {
      set(0, job, first + 4 * block);
      set(1, job, first + 4 * block + 1);
      set(2, job, first + 4 * block + 2);
      set(3, job, first + 4 * block + 3);
      set(4, job, first / 2 + 2 * block);
      set(5, job, first / 2 + 2 * block + 1);
      set(6, job, first / 4 + block);
    }
  }

 private:
  void set(std::size_t at, const InverseProduct& job, std::size_t root) {
    w[at] = broadcast(job.roots[root]);
    quotient[at] = broadcast(job.root_quotients[root]);
  }
};

/// 2^levels values that are `stride` coefficients apart go through `levels` stages in registers.
template <int levels>
inline void butterflies(Vec* d, const BlockRoots<levels>& roots, const Moduli& m) {
  const auto step = [&](std::size_t x, std::size_t y, std::size_t root) {
    butterfly(d[x], d[y], roots.w[root], roots.quotient[root], m);
  };
  if constexpr (levels == 1) {
    step(0, 1, 0);
  } else if constexpr (levels == 2) {
    step(0, 1, 0), step(2, 3, 1);
    step(0, 2, 2), step(1, 3, 2);
  } else {
    step(0, 1, 0), step(2, 3, 1), step(4, 5, 2), step(6, 7, 3);
    step(0, 2, 4), step(1, 3, 4), step(4, 6, 5), step(5, 7, 5);
    step(0, 4, 6), step(1, 5, 6), step(2, 6, 6), step(3, 7, 6);
  }
}

/// Walks through what is upcoming, some lines at each step of the passes after the first.
class Fetcher {
 public:
  explicit Fetcher(const Upcoming& upcoming)
      : read_{upcoming.read},
        read_end_{upcoming.read + upcoming.read_bytes},
        written_{upcoming.written},
        written_end_{upcoming.written + upcoming.written_bytes} {}
  void step() {
    for (int i = 0; i < lines_a_step && read_ < read_end_; ++i, read_ += line_bytes) {
      __builtin_prefetch(read_, 0, 2);
    }
    for (int i = 0; i < lines_a_step && written_ < written_end_; ++i, written_ += line_bytes) {
      __builtin_prefetch(written_, 1, 2);
    }
  }

 private:
  static constexpr int lines_a_step = 4;
  static constexpr std::size_t line_bytes = 64;
  const std::uint8_t *read_, *read_end_, *written_, *written_end_;
};

enum class PassKind { first, middle, last };

/// One pass over the polynomials: stages with strides `stride`, 2·stride, … The first pass reads
/// the group and multiplies by the secret; the last one reduces to [0, q).
template <int levels, PassKind kind>
void pass(const InverseProduct& job, std::size_t stride, Fetcher& fetcher) {
  constexpr std::size_t points = std::size_t{1} << levels;
  const Moduli m{broadcast(job.q), broadcast(2 * job.q)};
  const std::size_t block_count = job.ring_dim / (stride * points);
  for (std::size_t block = 0; block < block_count; ++block) {
    const BlockRoots<levels> roots{job, stride, block};
    for (std::size_t j = 0; j < stride; ++j) {
      const std::size_t coefficient = block * points * stride + j;
      if constexpr (kind != PassKind::first) fetcher.step();
      for (std::size_t lane = 0; lane < lane_count; lane += vec_width) {
        Vec data[points];
        for (std::size_t p = 0; p < points; ++p) {
          const std::size_t at = coefficient + p * stride;
          if constexpr (kind == PassKind::first) {
            __builtin_prefetch(job.group + at * lane_count + prefetch_words);
            data[p] =
                multiply_lazy(load(job.group + at * lane_count + lane), broadcast(job.secret[at]),
                              broadcast(job.secret_quotients[at]), m);
          } else {
            data[p] = load(job.out + at * lane_count + lane);
          }
        }
        butterflies<levels>(data, roots, m);
        for (std::size_t p = 0; p < points; ++p) {
          if constexpr (kind == PassKind::last) data[p] = min(data[p], sub(data[p], m.q));
          store(job.out + (coefficient + p * stride) * lane_count + lane, data[p]);
        }
      }
    }
  }
}

/// In place of the last pass, for its first outputs: the sums that its stages pass on to them.
template <int levels>
void last_sums(const InverseProduct& job, std::size_t stride, Fetcher& fetcher) {
  constexpr std::size_t points = std::size_t{1} << levels;
  const Moduli m{broadcast(job.q), broadcast(2 * job.q)};
  for (std::size_t j = 0; j < job.wanted; ++j) {
    fetcher.step();
    for (std::size_t lane = 0; lane < lane_count; lane += vec_width) {
      Vec sum = load(job.out + j * lane_count + lane);
      for (std::size_t p = 1; p < points; ++p) {
        sum = add(sum, load(job.out + (j + p * stride) * lane_count + lane));
        sum = min(sum, sub(sum, m.two_q));
      }
      store(job.out + j * lane_count + lane, min(sum, sub(sum, m.q)));
    }
  }
}

/// log2 N = first + merged_levels·(number of further passes), first in 1…merged_levels.
void run(const InverseProduct& job) {
  Fetcher fetcher{job.upcoming};
  int stages = 0;
  while ((std::size_t{1} << stages) < job.ring_dim) ++stages;
  const int first = (stages - 1) % merged_levels + 1;
  if (first == 1) pass<1, PassKind::first>(job, 1, fetcher);
  if (first == 2) pass<2, PassKind::first>(job, 1, fetcher);
  if constexpr (merged_levels == 3) {
    if (first == 3) pass<3, PassKind::first>(job, 1, fetcher);
  }
  int done = first;
  for (; done + merged_levels < stages; done += merged_levels) {
    pass<merged_levels, PassKind::middle>(job, std::size_t{1} << done, fetcher);
  }
  const std::size_t stride = std::size_t{1} << done;
  if (job.wanted <= stride) return last_sums<merged_levels>(job, stride, fetcher);
  pass<merged_levels, PassKind::last>(job, stride, fetcher);
}

/// 2^levels neighbours through the first `levels` stages.
template <int levels>
inline void transform_block(Vec* data, const InverseProduct& job, std::size_t block,
                            const Moduli& m) {
  if constexpr (levels <= 3) {
    butterflies<levels>(data, BlockRoots<levels>{job, 1, block}, m);
  } else {
    constexpr std::size_t half = std::size_t{1} << (levels - 1);
    transform_block<levels - 1>(data, job, 2 * block, m);
    transform_block<levels - 1>(data + half, job, 2 * block + 1, m);
    const std::size_t root = job.ring_dim / (2 * half) + block;
    const Vec w = broadcast(job.roots[root]), quotient = broadcast(job.root_quotients[root]);
    for (std::size_t p = 0; p < half; ++p) butterfly(data[p], data[p + half], w, quotient, m);
  }
}

/// The first 2^levels coefficients. The stages after `levels` only pass sums on to them, so they
/// are the sums over all blocks of what `levels` stages leave.
template <int levels>
void first_coefficients(const InverseProduct& job) {
  constexpr std::size_t points = std::size_t{1} << levels;
  const Moduli m{broadcast(job.q), broadcast(2 * job.q)};
  for (std::size_t lane = 0; lane < lane_count; lane += vec_width) {
    Vec sums[points];
    for (std::size_t p = 0; p < points; ++p) sums[p] = broadcast(0);
    for (std::size_t block = 0; block < job.ring_dim / points; ++block) {
      Vec data[points];
      for (std::size_t p = 0; p < points; ++p) {
        const std::size_t at = block * points + p;
        __builtin_prefetch(job.group + at * lane_count + prefetch_words);
        data[p] = multiply_lazy(load(job.group + at * lane_count + lane), broadcast(job.secret[at]),
                                broadcast(job.secret_quotients[at]), m);
      }
      transform_block<levels>(data, job, block, m);
      for (std::size_t p = 0; p < points; ++p) {
        const Vec sum = add(sums[p], data[p]);
        sums[p] = min(sum, sub(sum, m.two_q));
      }
    }
    for (std::size_t p = 0; p < points; ++p) {
      store(job.out + p * lane_count + lane, min(sums[p], sub(sums[p], m.q)));
    }
  }
}

template <std::size_t count>
void inner_products(const InnerProducts& job) {
  constexpr std::size_t terms = 8;  // 2^53 + 8·2^60 fits 64 bits
  const Vec two_to_32 = broadcast(job.two_to_32);
  for (std::size_t lane = 0; lane < lane_count; lane += vec_width) {
    Wide sums[count];
    for (std::size_t first = 0; first < job.ring_dim; first += terms) {
      for (std::size_t k = first; k < first + terms; ++k) {
        __builtin_prefetch(job.group + k * lane_count + prefetch_words);
        const Vec x = load(job.group + k * lane_count + lane);
        for (std::size_t t = 0; t < count; ++t) {
          sums[t] = multiply_add(sums[t], x, broadcast(job.weights[t * job.ring_dim + k]));
        }
      }
      for (std::size_t t = 0; t < count; ++t) sums[t] = fold(sums[t], two_to_32);
    }
    for (std::size_t t = 0; t < count; ++t) store_wide(job.out + t * lane_count + lane, sums[t]);
  }
}

}  // namespace

namespace lane_kernels {
void HIPPOCRYPT_LANE_ENTRY(inverse_product)(const InverseProduct& job) { run(job); }
void HIPPOCRYPT_LANE_ENTRY(first_coefficients)(const InverseProduct& job, std::size_t count) {
  if (count <= 8) {
    first_coefficients<3>(job);
  } else {
    first_coefficients<4>(job);
  }
}
void HIPPOCRYPT_LANE_ENTRY(inner_products)(const InnerProducts& job) {
  if (job.count == 1) inner_products<1>(job);
  if (job.count == 2) inner_products<2>(job);
  if (job.count == 3) inner_products<3>(job);
  if (job.count == 4) inner_products<4>(job);
}
}  // namespace lane_kernels

}  // namespace hippocrypt::crypto
