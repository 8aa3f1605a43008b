#include <omp.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/gemm.hpp"
#include "crypto/core/params.hpp"
#include "crypto/server/exact_double.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {
namespace {

// One task is a slice of coefficients for all outputs. Only masks are large (30 bits), so the slice
// is converted block by block of inputs, once.
constexpr std::size_t slice_coefficients = 128;
constexpr std::size_t block_outputs = 128;
constexpr std::size_t block_inputs = 1024;
/// Inputs whose products with int8 weights, added to a remainder, stay below 2^53:
/// 65,536·2^7·(q - 1) + q < 2^53, since q < 2^30 - 2^17.
constexpr std::size_t exact_inputs = 65536;
static_assert(exact_inputs % block_inputs == 0);

struct Workspace {
  std::vector<double> weights, masks, sums;
};

struct Slice {
  std::size_t first, count;
};

/// to[j][k] = mask of input first_input + j at coefficient slice.first + k.
void widen_masks(LanePolysView masks, const Slice& slice, std::size_t first_input,
                 std::size_t inputs, double* to) {
  for (std::size_t j = 0; j < inputs; ++j) {
    const std::size_t poly = first_input + j;
    const std::uint32_t* const from =
        masks.group(poly / lanes) + slice.first * lanes + poly % lanes;
    for (std::size_t k = 0; k < slice.count; ++k) to[j * slice.count + k] = from[k * lanes];
  }
}

/// Integers of magnitude below 2^53 to [0, q), still as doubles.
void reduce(double* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t rest = static_cast<std::int64_t>(values[i]) % std::int64_t{modulus_q};
    values[i] = static_cast<double>(rest < 0 ? rest + std::int64_t{modulus_q} : rest);
  }
}

void sum_slice(Int8MatrixView weights, LanePolysView masks, const Slice& slice, Workspace& space) {
  for (std::size_t j = 0; j < weights.in; j += block_inputs) {
    const std::size_t inputs = std::min(block_inputs, weights.in - j);
    widen_masks(masks, slice, j, inputs, space.masks.data());
    for (std::size_t i = 0; i < weights.out; i += block_outputs) {
      const std::size_t outputs = std::min(block_outputs, weights.out - i);
      widen_weights(weights, i, outputs, j, inputs, space.weights.data());
      gemm<double>(Transpose::no, {space.weights.data(), outputs, inputs}, Transpose::no,
                   {space.masks.data(), inputs, slice.count},
                   {space.sums.data() + i * slice.count, outputs, slice.count, slice.count},
                   j != 0);
    }
    const bool is_last = j + inputs == weights.in;
    if (is_last || (j + inputs) % exact_inputs == 0) {
      reduce(space.sums.data(), weights.out * slice.count);
    }
  }
}

void write_hints(const Slice& slice, std::size_t out, std::size_t ring_dim, const double* sums,
                 std::uint32_t* hints) {
  for (std::size_t i = 0; i < out; ++i) {
    std::uint32_t* const to = hints + (i / lanes * ring_dim + slice.first) * lanes + i % lanes;
    for (std::size_t k = 0; k < slice.count; ++k) {
      to[k * lanes] = static_cast<std::uint32_t>(sums[i * slice.count + k]);
    }
  }
}

}  // namespace

LanePolys compute_hints(Int8MatrixView weights, LanePolysView masks, int threads) {
  HIPPOCRYPT_CHECK(weights.values.size() == weights.out * weights.in);
  HIPPOCRYPT_CHECK(masks.count() >= weights.in);
  const std::size_t ring_dim = masks.ring_dim();
  LanePolys hints{weights.out, ring_dim};
  std::uint32_t* const words = hints.words().data();
  const std::size_t width = std::min(slice_coefficients, ring_dim);
  const std::size_t tasks = (ring_dim + width - 1) / width;
  const std::size_t workers =
      std::min<std::size_t>(tasks, static_cast<std::size_t>(std::max(threads, 1)));
  std::vector<Workspace> spaces(
      workers);  // made here, so that nothing throws in the parallel region
  for (Workspace& space : spaces) {
    const std::size_t inputs = std::min(block_inputs, weights.in);
    space.weights.resize(std::min(block_outputs, weights.out) * inputs);
    space.masks.resize(inputs * width);
    space.sums.resize(weights.out * width);
  }
  const auto task_count = static_cast<std::int64_t>(tasks);
#pragma omp parallel for schedule(dynamic) num_threads(static_cast <int>(workers))
  for (std::int64_t task = 0; task < task_count; ++task) {
    const std::size_t first = static_cast<std::size_t>(task) * width;
    const Slice slice{first, std::min(width, ring_dim - first)};
    Workspace& space = spaces[static_cast<std::size_t>(omp_get_thread_num())];
    sum_slice(weights, masks, slice, space);
    write_hints(slice, weights.out, ring_dim, space.sums.data(), words);
  }
  return hints;
}

}  // namespace hippocrypt::crypto
