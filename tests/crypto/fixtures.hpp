#pragma once
// Random matrices and the whole way of a product, for the tests of crypto/.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/matrix.hpp"
#include "base/random.hpp"
#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/masks.hpp"
#include "crypto/core/modulus.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto::testing {

struct TestWeights {
  std::vector<std::int8_t> values;
  std::size_t out, in;
  Int8MatrixView view() const { return {values, out, in}; }
  double at(std::size_t i, std::size_t j) const { return values[i * in + j]; }
  double l1(std::size_t i) const {
    double sum = 0;
    for (std::size_t j = 0; j < in; ++j) sum += std::fabs(at(i, j));
    return sum;
  }
  double l2(std::size_t i) const {
    double sum = 0;
    for (std::size_t j = 0; j < in; ++j) sum += at(i, j) * at(i, j);
    return std::sqrt(sum);
  }
  RowNormBounds bounds() const {
    RowNormBounds bounds;
    for (std::size_t i = 0; i < out; ++i) {
      bounds.max_l1 = std::max(bounds.max_l1, l1(i));
      bounds.max_l2 = std::max(bounds.max_l2, l2(i));
    }
    return bounds;
  }
};

/// Normal weights with standard deviation 40, clamped to ±127.
inline TestWeights normal_weights(std::size_t out, std::size_t in, std::uint64_t seed) {
  SeededSequence sequence{seed, "weights"};
  TestWeights weights{std::vector<std::int8_t>(out * in), out, in};
  for (auto& w : weights.values) {
    w = static_cast<std::int8_t>(std::clamp(std::round(40 * sequence.normal()), -127.0, 127.0));
  }
  return weights;
}

/// Every weight is 127 or -127.
inline TestWeights extreme_weights(std::size_t out, std::size_t in, std::uint64_t seed) {
  SeededSequence sequence{seed, "weights"};
  TestWeights weights{std::vector<std::int8_t>(out * in), out, in};
  for (auto& w : weights.values) w = sequence.below(2) == 0 ? std::int8_t{127} : std::int8_t{-127};
  return weights;
}

inline Matrix normal_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  SeededSequence sequence{seed, "activations"};
  Matrix x{rows, cols};
  for (float& value : x.values()) value = static_cast<float>(sequence.normal());
  return x;
}

inline LanePolys uniform_polys(std::size_t count, std::size_t ring_dim, std::uint64_t seed) {
  SeededSequence sequence{seed, "polynomials"};
  LanePolys polys{count, ring_dim};
  for (std::size_t p = 0; p < count; ++p) {
    for (std::size_t k = 0; k < ring_dim; ++k) {
      polys.at(p, k) = static_cast<std::uint32_t>(sequence.below(modulus_q));
    }
  }
  return polys;
}

inline MatrixT<double> plain_product(const TestWeights& weights, ConstMatrixView x) {
  MatrixT<double> y{weights.out, x.cols()};
  for (std::size_t i = 0; i < weights.out; ++i) {
    for (std::size_t j = 0; j < weights.in; ++j) {
      const double w = weights.at(i, j);
      for (std::size_t t = 0; t < x.cols(); ++t) y(i, t) += w * static_cast<double>(x(j, t));
    }
  }
  return y;
}

/// A matrix with what client and server hold for it; serves every wire format of a ring.
struct Deployment {
  LanePolys masks, hints;
  std::unique_ptr<PackedWeights> packed;

  Deployment(const Params& params, const TestWeights& weights)
      : masks{uniform_polys(weights.in, params.ring_dim(), 77)},
        hints{compute_hints(weights.view(), masks.view(), 2)},
        packed{std::move(pack_weights(weights.view())).value()} {}
};

struct BlindProduct {
  Matrix y;
  std::vector<double> token_scale;
};

/// multiply, decrypt.
inline BlindProduct finish_product(const Params& params, const Deployment& deployment,
                                   EncryptedTile tile) {
  const std::size_t tokens = tile.token_scale.size();
  const auto answer = deployment.packed->multiply(tile.body, tokens, 2, params.wire());
  auto y = decrypt_tile(params, deployment.hints.view(), answer.value(), tile.token_scale,
                        std::move(tile.key));
  return {std::move(y).value(), std::move(tile.token_scale)};
}

/// encrypt, multiply, decrypt.
inline BlindProduct blind_product(const Params& params, const Deployment& deployment,
                                  const TestWeights& weights, ConstMatrixView x,
                                  RandomSource& random) {
  auto tile = encrypt_tile(params, deployment.masks.view(), weights.bounds(), x,
                           OneTimeSecret::sample(params, random), random);
  return finish_product(params, deployment, std::move(tile).value());
}

inline BlindProduct blind_product(const Params& params, const TestWeights& weights,
                                  ConstMatrixView x, RandomSource& random) {
  return blind_product(params, Deployment{params, weights}, weights, x, random);
}

inline constexpr WireFormat all_formats[] = {{24, 16}, {24, 12}, {20, 16}, {20, 12}};

}  // namespace hippocrypt::crypto::testing
