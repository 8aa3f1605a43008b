#include "federation/aggregator/aggregation_error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/gemm.hpp"
#include "base/matrix.hpp"

namespace hippocrypt::federation {
namespace {

/// Factors of all hospitals side by side: their product is the sum over hospitals.
struct Stack {
  MatrixT<double> b;  ///< (out, hospitals·rank)
  MatrixT<double> a;  ///< (hospitals·rank, in)
};

/// sqrt(p_i)·(global + update_i) of one matrix.
Stack stack_of(std::span<const float> global, std::span<const std::vector<float>> updates,
               std::span<const double> shares, const LowRankShape& shape, std::size_t begin) {
  const std::size_t rank = shape.rank;
  Stack out{MatrixT<double>{shape.out, updates.size() * rank},
            MatrixT<double>{updates.size() * rank, shape.in}};
  for (std::size_t i = 0; i < updates.size(); ++i) {
    const double root = std::sqrt(shares[i]);
    const auto value = [&](std::size_t at) {
      return root * (static_cast<double>(global[at]) + static_cast<double>(updates[i][at]));
    };
    for (std::size_t r = 0; r < rank; ++r) {
      for (std::size_t c = 0; c < shape.in; ++c)
        out.a(i * rank + r, c) = value(begin + r * shape.in + c);
    }
    const std::size_t begin_b = begin + rank * shape.in;
    for (std::size_t o = 0; o < shape.out; ++o) {
      for (std::size_t r = 0; r < rank; ++r) out.b(o, i * rank + r) = value(begin_b + o * rank + r);
    }
  }
  return out;
}

/// Every hospital's factors minus the mean factor, which is Σ p_i X_i, weighted as before.
void subtract_mean(Stack& stack, std::span<const double> shares, std::size_t rank) {
  const std::size_t hospitals = shares.size();
  for (std::size_t r = 0; r < rank; ++r) {
    const auto centre = [&](auto&& entry) {
      double mean = 0;
      for (std::size_t i = 0; i < hospitals; ++i) mean += std::sqrt(shares[i]) * entry(i);
      for (std::size_t i = 0; i < hospitals; ++i) entry(i) -= std::sqrt(shares[i]) * mean;
    };
    for (std::size_t c = 0; c < stack.a.cols(); ++c) {
      centre([&](std::size_t i) -> double& { return stack.a(i * rank + r, c); });
    }
    for (std::size_t o = 0; o < stack.b.rows(); ++o) {
      centre([&](std::size_t i) -> double& { return stack.b(o, i * rank + r); });
    }
  }
}

/// ‖B·A‖_F² = Σ (BᵀB) ∘ (A·Aᵀ).
double square_of_product(const Stack& stack) {
  MatrixT<double> left{stack.a.rows(), stack.a.rows()}, right{stack.a.rows(), stack.a.rows()};
  gemm<double>(Transpose::yes, stack.b, Transpose::no, stack.b, left.view());
  gemm<double>(Transpose::no, stack.a, Transpose::yes, stack.a, right.view());
  const double square =
      std::inner_product(left.values().begin(), left.values().end(), right.values().begin(), 0.0);
  return std::max(square, 0.0);  // rounding may take a zero below it
}

Status check_sizes(std::span<const float> global, std::span<const std::vector<float>> updates,
                   std::span<const std::uint32_t> weights, std::span<const LowRankShape> shapes) {
  if (updates.empty() || updates.size() != weights.size()) {
    return Error{Errc::mismatch,
                 "the aggregation error needs one update and one weight a hospital"};
  }
  const std::size_t size = std::accumulate(
      shapes.begin(), shapes.end(), std::size_t{0},
      [](std::size_t sum, const LowRankShape& shape) { return sum + shape.size(); });
  const bool fits = std::all_of(updates.begin(), updates.end(),
                                [&](const auto& update) { return update.size() == size; });
  if (fits && global.size() == size) return {};
  return Error{Errc::mismatch, "the aggregation error needs vectors of " + std::to_string(size) +
                                   " values, which is what the factors have"};
}

}  // namespace

Result<double> aggregation_error(std::span<const float> global,
                                 std::span<const std::vector<float>> updates,
                                 std::span<const std::uint32_t> weights,
                                 std::span<const LowRankShape> shapes) {
  HIPPOCRYPT_TRY_VOID(check_sizes(global, updates, weights, shapes));
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> shares(weights.begin(), weights.end());
  for (double& share : shares) share /= total;
  double error = 0, whole = 0;
  std::size_t begin = 0;
  for (const LowRankShape& shape : shapes) {
    Stack stack = stack_of(global, updates, shares, shape, begin);
    whole += square_of_product(stack);
    subtract_mean(stack, shares, shape.rank);
    error += square_of_product(stack);
    begin += shape.size();
  }
  return whole > 0 ? std::sqrt(error / whole) : 0.0;
}

}  // namespace hippocrypt::federation
