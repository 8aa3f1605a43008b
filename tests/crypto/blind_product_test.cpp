// The whole way of a product: what the client decrypts is the plain product, within the noise
// bound.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "crypto/client/secret_access.hpp"
#include "crypto/core/lane_transform.hpp"
#include "crypto/core/noise.hpp"
#include "crypto/core/ntt.hpp"
#include "tests/crypto/fixtures.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::crypto {
namespace {

using namespace testing;  // fixtures.hpp; not GoogleTest's
using test_support::SeededRandom;

/// Every output within the worst-case noise, whose loosest term is one unit in the last place of y:
/// y is a float of at most q/2 in units of 1/D, which is 32 of these units.
void expect_within_bound(const Params& params, const TestWeights& weights, const Matrix& x,
                         const BlindProduct& product) {
  const MatrixT<double> want = plain_product(weights, x);
  ASSERT_EQ(product.y.rows(), weights.out);
  ASSERT_EQ(product.y.cols(), x.cols());
  for (std::size_t i = 0; i < weights.out; ++i) {
    const double bound = worst_noise(params.tuniform_log_bound(), weights.l1(i), params.wire()) +
                         32 + rounding_slack;
    for (std::size_t t = 0; t < x.cols(); ++t) {
      if (std::isinf(product.token_scale[t])) {  // a zero column comes back without noise
        ASSERT_EQ(product.y(i, t), 0) << i << ' ' << t;
        continue;
      }
      const double noise = static_cast<double>(product.y(i, t)) - want(i, t);
      ASSERT_LE(std::fabs(noise) * product.token_scale[t], bound) << i << ' ' << t;
    }
  }
}

struct Shape {
  std::size_t out, in, tokens;
};

TEST(BlindProductTest, RandomShapesStayWithinTheBound) {
  for (const char* name : {"rlwe2048", "rlwe1024"}) {
    const Params params = Params::named(name).value();
    const std::size_t full = params.ring_dim();
    for (const Shape& shape :
         {Shape{1, 1, 1}, Shape{1, 40, 16}, Shape{40, 1, 17}, Shape{16, 16, full},
          Shape{33, 47, 100}, Shape{20, 300, 31}, Shape{5, 2, full - 1}}) {
      SeededRandom random{shape.out};
      const Matrix x = normal_matrix(shape.in, shape.tokens, shape.in);
      for (const bool extreme : {false, true}) {
        const TestWeights weights = extreme ? extreme_weights(shape.out, shape.in, 1)
                                            : normal_weights(shape.out, shape.in, 1);
        expect_within_bound(params, weights, x, blind_product(params, weights, x, random));
      }
    }
  }
}

TEST(BlindProductTest, TokensOfAllSizesShareATile) {
  const Params params = Params::named("rlwe2048").value();
  const TestWeights weights = normal_weights(24, 64, 3);
  Matrix x = normal_matrix(64, 50, 4);
  for (std::size_t j = 0; j < 64; ++j) {
    for (std::size_t t = 0; t < 50; ++t) {
      // Norms from 1e-35 to 1e35, and every tenth token zero.
      const double power = t % 10 == 0 ? 0 : std::pow(10.0, static_cast<double>(t % 8) * 10 - 35);
      x(j, t) = static_cast<float>(static_cast<double>(x(j, t)) * power);
    }
  }
  SeededRandom random{5};
  const BlindProduct product = blind_product(params, weights, x, random);
  expect_within_bound(params, weights, x, product);
  for (std::size_t t = 0; t < 50; t += 10) EXPECT_TRUE(std::isinf(product.token_scale[t]));
}

TEST(BlindProductTest, AZeroMatrixGivesNoiseOnly) {
  const Params params = Params::named("rlwe1024").value();
  const TestWeights weights{std::vector<std::int8_t>(6), 2, 3};
  const Matrix x = normal_matrix(3, 20, 6);
  SeededRandom random{6};
  expect_within_bound(params, weights, x, blind_product(params, weights, x, random));
}

TEST(BlindProductTest, NothingWrapsAtTheCauchySchwarzEdge) {
  for (const Params& params : {Params::named("rlwe2048").value(), Params::named("rlwe1024").value(),
                               Params::named("rlwe1024", {20, 12}).value()}) {
    for (const bool extreme : {false, true}) {
      const TestWeights weights = extreme ? extreme_weights(8, 700, 7) : normal_weights(8, 700, 7);
      std::size_t largest = 0;
      for (std::size_t i = 0; i < 8; ++i)
        largest = weights.l2(i) > weights.l2(largest) ? i : largest;
      Matrix x{700, 64};  // tokens parallel to the largest row, both signs, several norms
      for (std::size_t j = 0; j < 700; ++j) {
        for (std::size_t t = 0; t < 64; ++t) {
          x(j, t) = static_cast<float>(weights.at(largest, j) * (t % 2 == 0 ? 1 : -1) *
                                       std::pow(1.7, static_cast<double>(t) - 32));
        }
      }
      SeededRandom random{8};
      const BlindProduct product = blind_product(params, weights, x, random);
      expect_within_bound(params, weights, x, product);
      const double reach = std::fabs(static_cast<double>(product.y(largest, 0))) *
                           product.token_scale[0] / (modulus_q / 2.0);
      const unsigned log_bound = params.tuniform_log_bound();
      const double room =
          message_room(log_bound, weights.bounds().max_l1, params.wire()) / (modulus_q / 2.0);
      const double sigma =
          expected_noise(log_bound, weights.l2(largest), params.wire()) / (modulus_q / 2.0);
      EXPECT_NEAR(reach, room, 6 * sigma);  // the room is used: this is the edge
      EXPECT_GT(room, params.wire() == WireFormat{} ? 0.98 : 0.9);
      EXPECT_LE(reach, 1);
    }
  }
}

TEST(BlindProductTest, EveryWireFormatStaysWithinTheBound) {
  for (const char* name : {"rlwe2048", "rlwe1024"}) {
    for (const Shape& shape : {Shape{1, 1, 1}, Shape{33, 47, 101}, Shape{20, 300, 31}}) {
      const Matrix x = normal_matrix(shape.in, shape.tokens, shape.in);
      const TestWeights weights = extreme_weights(shape.out, shape.in, 1);
      const Deployment deployment{Params::named(name).value(), weights};
      for (const WireFormat wire : all_formats) {
        SeededRandom random{shape.out};
        const Params params = Params::named(name, wire).value();
        expect_within_bound(params, weights, x,
                            blind_product(params, deployment, weights, x, random));
      }
    }
  }
}

TEST(BlindProductTest, PadsMadeAheadGiveTheSameProduct) {
  const Params params = Params::named("test512", {}, true).value();
  const TestWeights weights = normal_weights(33, 47, 3);
  const Deployment deployment{params, weights};
  const Matrix x = normal_matrix(47, 200, 4);
  SeededRandom random{5}, same{5};
  const BlindProduct direct = blind_product(params, deployment, weights, x, random);
  OneTimeSecret secret = OneTimeSecret::sample(params, same);
  TilePads pads = TilePads::make(params, deployment.masks.view(), 47, deployment.hints.view(), 200,
                                 std::move(secret), same);
  auto tile = encrypt_tile(params, std::move(pads), weights.bounds(), x);
  const BlindProduct ahead = finish_product(params, deployment, std::move(tile).value());
  EXPECT_TRUE(std::equal(direct.y.values().begin(), direct.y.values().end(),
                         ahead.y.values().begin(), ahead.y.values().end()));
  expect_within_bound(params, weights, x, ahead);
}

struct Measured {
  double noise_to_signal = 0;
  double noise_to_expected = 0;
  double worst_to_bound = 0;
};

Measured measure(const Params& params, const TestWeights& weights, const BlindProduct& product,
                 const MatrixT<double>& want) {
  double noise2 = 0, signal2 = 0, expected2 = 0, worst = 0;
  for (std::size_t i = 0; i < weights.out; ++i) {
    const double expected =
        expected_noise(params.tuniform_log_bound(), weights.l2(i), params.wire());
    const double bound = worst_noise(params.tuniform_log_bound(), weights.l1(i), params.wire());
    for (std::size_t t = 0; t < want.cols(); ++t) {
      const double d = product.token_scale[t];
      const double noise = (static_cast<double>(product.y(i, t)) - want(i, t)) * d;
      noise2 += noise * noise;
      signal2 += want(i, t) * want(i, t) * d * d;
      expected2 += expected * expected;
      worst = std::max(worst, std::fabs(noise) / bound);
    }
  }
  return {std::sqrt(noise2 / signal2), std::sqrt(noise2 / expected2), worst};
}

TEST(BlindProductTest, MeasuredNoiseIsAsExpected) {
  for (const char* name : {"rlwe2048", "rlwe1024"}) {
    for (const std::size_t in : {576U, 2048U}) {
      const TestWeights weights = normal_weights(48, in, in);
      const Matrix x = normal_matrix(in, 192, in + 1);
      const MatrixT<double> want = plain_product(weights, x);
      const Deployment deployment{Params::named(name).value(), weights};
      double row2 = 0;
      for (std::size_t i = 0; i < 48; ++i) row2 += weights.l2(i) * weights.l2(i) / 48;
      for (const WireFormat wire : all_formats) {
        const Params params = Params::named(name, wire).value();
        SeededRandom random{in};
        const BlindProduct product = blind_product(params, deployment, weights, x, random);
        const Measured measured = measure(params, weights, product, want);
        // The guaranteed scale leaves room for the worst noise, so the signal is a little smaller
        // than that of the named function.
        const double room =
            message_room(params.tuniform_log_bound(), weights.bounds().max_l1, wire);
        const double designed =
            expected_noise_to_signal(params.tuniform_log_bound(), std::sqrt(row2),
                                     weights.bounds().max_l2, static_cast<double>(in), wire) *
            (modulus_q / 2.0) / room;
        std::printf(
            "%s %u/%u in=%zu: noise to signal %.2e (expected %.2e), worst %.2f of bound, "
            "correlation 1 - %.1e\n",
            name, wire.upload_bits, wire.download_bits, in, measured.noise_to_signal, designed,
            measured.worst_to_bound, measured.noise_to_signal * measured.noise_to_signal / 2);
        EXPECT_LE(measured.worst_to_bound, 1);
        // 9,216 outputs estimate a standard deviation to 0.7 %; 5 % is 7 of these.
        EXPECT_NEAR(measured.noise_to_expected, 1, 0.05);
        // The signal's direction is random too, so the ratio is looser.
        EXPECT_NEAR(measured.noise_to_signal / designed, 1, 0.15);
        if (wire == WireFormat{}) {
          EXPECT_LT(measured.noise_to_signal, in == 576 ? 1.2e-3 : 4e-3);
        }
      }
    }
  }
}

TEST(BlindProductTest, HintsOpenTheProductExactlyWithoutRounding) {
  // centre(W·b - H·s mod q) = W·m for b = a·s + m, with no modulus switch and no error.
  const Params params = Params::named("rlwe1024").value();
  const std::size_t n = params.ring_dim(), out = 18, in = 21;
  const TestWeights weights = normal_weights(out, in, 9);
  const LanePolys masks = uniform_polys(in, n, 10);
  const LanePolys hints = compute_hints(weights.view(), masks.view(), 1);
  SeededRandom random{11};
  const OneTimeSecret secret = OneTimeSecret::sample(params, random);
  const auto pads = [&](LanePolysView polys) {
    LanePolys result{polys.count(), n};
    for (std::size_t g = 0; g < polys.group_count(); ++g) {
      inverse_product(NttTables::of(n), polys.group(g), SecretAccess::ntt(secret).data(),
                      SecretAccess::quotients(secret).data(),
                      result.words().data() + g * n * lanes);
    }
    return result;
  };
  const LanePolys mask_pads = pads(masks.view()), hint_pads = pads(hints.view());
  SeededSequence sequence{12, "messages"};
  for (std::size_t k = 0; k < n; k += 13) {
    std::vector<std::int64_t> message(in);
    for (auto& m : message) m = static_cast<std::int64_t>(sequence.below(2001)) - 1000;
    for (std::size_t i = 0; i < out; ++i) {
      std::int64_t product = 0, plain = 0;
      for (std::size_t j = 0; j < in; ++j) {
        const std::int64_t w = weights.values[i * in + j];
        product += w * (mask_pads.view().at(j, k) + message[j]);
        plain += w * message[j];
      }
      const std::int64_t rest =
          ((product - hint_pads.view().at(i, k)) % modulus_q + modulus_q) % modulus_q;
      ASSERT_EQ(centre(static_cast<std::uint32_t>(rest)), plain);
    }
  }
}

}  // namespace
}  // namespace hippocrypt::crypto
