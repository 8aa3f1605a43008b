#pragma once
// How far the product of averaged LoRA factors is from the average of their products: what plain
// FedAvg of both factors gets wrong (Sun et al. 2024, arXiv:2403.12313, section 3).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::federation {

/// One adapted matrix in the flat vector: A (rank, in) row-major, then B (out, rank) row-major.
struct LowRankShape {
  std::size_t rank = 0, in = 0, out = 0;
  std::size_t size() const { return rank * (in + out); }
};

/// ‖B̄Ā − Σ p_i B_i A_i‖_F / ‖Σ p_i B_i A_i‖_F over all matrices together, where hospital i ends
/// the round with `global` + `updates[i]` and p_i is its share of `weights`. Needs every hospital's
/// update, so there is no such figure under secure aggregation. 0 where the sum is zero.
///
/// The difference is −Σ p_i (B_i − B̄)(A_i − Ā), which has no cancellation, and a norm of a product
/// of stacked factors follows from their Gram matrices: for n hospitals of rank r,
/// (n·r)²·(in + out) multiplications a matrix and no matrix of in by out.
/// Errors: mismatch (no update, another number of weights, a vector of another length).
Result<double> aggregation_error(std::span<const float> global,
                                 std::span<const std::vector<float>> updates,
                                 std::span<const std::uint32_t> weights,
                                 std::span<const LowRankShape> shapes);

}  // namespace hippocrypt::federation
