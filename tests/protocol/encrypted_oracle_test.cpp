#include "protocol/client/encrypted_oracle.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/gemm.hpp"
#include "crypto/core/noise.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

using model::LinearGroup;
using model::LinearSite;
using test::random_matrix;
using test::RecordingTransport;
using test::SmallModel;
using test_support::SeededRandom;

/// A hospital and the blind server that it uses.
struct Pair {
  explicit Pair(std::string_view params = "rlwe1024",
                const model::ModelLiteral& literal = test::small_literal())
      : model{test::make_small_model(params, literal)},
        setup{ServerSetup::parse(model.service->setup_frame(), model.params, model.config).value()},
        transport{model.service} {}

  SmallModel model;
  std::shared_ptr<const ServerSetup> setup;
  RecordingTransport transport;
};

/// What the product should be, and how far from it each value may be: no more than the worst noise
/// of crypto/core/noise.hpp over the token's scale, and a few float roundings.
struct Reference {
  MatrixT<double> value, bound;
};

Reference reference(const SmallModel& world, LinearSite site, Direction direction,
                    ConstMatrixView x) {
  const auto q = model::quantize_rows(world.base.at(site)).value();
  const bool forward = direction == Direction::forward;
  MatrixT<double> w{q.rows, q.cols};
  std::copy(q.values.begin(), q.values.end(), w.values().begin());
  MatrixT<double> input{x.rows(), x.cols()};
  for (std::size_t j = 0; j < x.rows(); ++j) {
    for (std::size_t t = 0; t < x.cols(); ++t) {
      input(j, t) = forward ? double{x(j, t)} : double{q.row_scale[j] * x(j, t)};
    }
  }
  Reference out{{forward ? q.rows : q.cols, x.cols()}, {forward ? q.rows : q.cols, x.cols()}};
  gemm<double>(Transpose{!forward}, w, Transpose::no, input, out.value.view());

  std::vector<double> l1(out.value.rows()), squares(out.value.rows());
  for (std::size_t r = 0; r < q.rows; ++r) {
    for (std::size_t c = 0; c < q.cols; ++c) {
      l1[forward ? r : c] += std::abs(w(r, c));
      squares[forward ? r : c] += w(r, c) * w(r, c);
    }
  }
  const unsigned log_bound = world.params.tuniform_log_bound();
  const double room = crypto::message_room(log_bound, *std::max_element(l1.begin(), l1.end()));
  const double max_l2 = std::sqrt(*std::max_element(squares.begin(), squares.end()));
  for (std::size_t t = 0; t < x.cols(); ++t) {
    double norm = 0;
    for (std::size_t j = 0; j < x.rows(); ++j) norm += input(j, t) * input(j, t);
    const double token_scale = norm > 0 ? room / (max_l2 * std::sqrt(norm)) : 1;
    for (std::size_t i = 0; i < out.value.rows(); ++i) {
      const double factor = forward ? double{q.row_scale[i]} : 1;
      const double noise = crypto::worst_noise(log_bound, l1[i]) + crypto::rounding_slack;
      out.value(i, t) *= factor;
      out.bound(i, t) = factor * noise / token_scale + 0x1p-22 * std::abs(out.value(i, t));
    }
  }
  return out;
}

void expect_within(const Matrix& got, const Reference& want) {
  ASSERT_EQ(got.rows(), want.value.rows());
  ASSERT_EQ(got.cols(), want.value.cols());
  for (std::size_t i = 0; i < got.rows(); ++i) {
    for (std::size_t t = 0; t < got.cols(); ++t) {
      ASSERT_LE(std::abs(double{got(i, t)} - want.value(i, t)), want.bound(i, t))
          << "row " << i << ", token " << t;
    }
  }
}

constexpr std::array all_groups{LinearGroup::qkv, LinearGroup::attention_out, LinearGroup::gate_up,
                                LinearGroup::down};

void check_every_site(Pair& pair, std::size_t tokens, EncryptedOracle::Options options) {
  SeededRandom random{tokens};
  EncryptedOracle oracle{pair.setup, pair.transport, random, options};
  const auto& config = pair.model.config;
  for (std::uint32_t block = 0; block < config->blocks; ++block) {
    for (const LinearGroup group : all_groups) {
      const LinearSite site{block, group};
      const Matrix x = random_matrix(config.in_features(group), tokens, 1 + block);
      const auto y = oracle.forward(site, x);
      ASSERT_TRUE(y);
      expect_within(*y, reference(pair.model, site, Direction::forward, x));
      const Matrix dy = random_matrix(config.out_features(group), tokens, 11 + block);
      const auto dx = oracle.backward(site, dy);
      ASSERT_TRUE(dx);
      expect_within(*dx, reference(pair.model, site, Direction::backward, dy));
    }
  }
}

TEST(EncryptedOracleTest, MatchesThePlainProductWithinTheNoiseBound) {
  for (const char* params : {"rlwe1024", "rlwe2048"}) {
    for (const auto& literal : {test::small_literal(), test::odd_literal()}) {
      Pair pair{params, literal};
      check_every_site(pair, 1, {0, 16});
      check_every_site(pair, 37, {0, 16});    // two full tiles and a partial one
      check_every_site(pair, 37, {48, 16});   // padded to three full tiles
      check_every_site(pair, 37, {100, 64});  // the second tile is a dummy
    }
  }
}

TEST(EncryptedOracleTest, FillsAWholeRing) {
  for (const char* params : {"rlwe1024", "rlwe2048"}) {
    Pair pair{params, test::odd_literal()};
    const std::size_t n = pair.model.params.ring_dim();
    check_every_site(pair, n, {n, n});
  }
}

TEST(EncryptedOracleTest, StridedInputsAreReadRight) {
  Pair pair;
  SeededRandom random{1};
  EncryptedOracle oracle{pair.setup, pair.transport, random, {0, 8}};
  const LinearSite site{0, LinearGroup::qkv};
  const Matrix wide = random_matrix(48, 30, 5);
  const ConstMatrixView x = wide.view().columns(3, 11);
  expect_within(oracle.forward(site, x).value(),
                reference(pair.model, site, Direction::forward, x));
}

TEST(EncryptedOracleTest, ZeroInputGivesLittle) {
  // A zero token has scale 1, so its noise is at most the worst noise itself.
  Pair pair;
  SeededRandom random{1};
  EncryptedOracle oracle{pair.setup, pair.transport, random, {0, 8}};
  const LinearSite site{1, LinearGroup::down};
  const Matrix x{40, 5};
  expect_within(oracle.forward(site, x).value(),
                reference(pair.model, site, Direction::forward, x));
}

TEST(EncryptedOracleTest, BackwardIsTheAdjointOfForward) {
  Pair pair{"rlwe2048"};
  SeededRandom random{9};
  EncryptedOracle oracle{pair.setup, pair.transport, random, {0, 64}};
  for (const LinearGroup group : all_groups) {
    const LinearSite site{1, group};
    const std::size_t in = pair.model.config.in_features(group);
    const std::size_t out = pair.model.config.out_features(group);
    const Matrix x = random_matrix(in, 20, 21), y = random_matrix(out, 20, 22);
    const Matrix wx = oracle.forward(site, x).value(), wy = oracle.backward(site, y).value();
    const Reference forward = reference(pair.model, site, Direction::forward, x);
    const Reference backward = reference(pair.model, site, Direction::backward, y);
    double left = 0, right = 0, bound = 0;
    for (std::size_t t = 0; t < 20; ++t) {
      for (std::size_t i = 0; i < out; ++i) {
        left += double{wx(i, t)} * double{y(i, t)};
        bound += forward.bound(i, t) * std::abs(double{y(i, t)});
      }
      for (std::size_t j = 0; j < in; ++j) {
        right += double{x(j, t)} * double{wy(j, t)};
        bound += backward.bound(j, t) * std::abs(double{x(j, t)});
      }
    }
    EXPECT_LE(std::abs(left - right), bound);
    EXPECT_LT(bound, 0.2 * std::sqrt(double(in * out * 20)));  // the bound says something
  }
}

TEST(EncryptedOracleTest, TheBytesDoNotDependOnDataOrTokenCount) {
  Pair pair;
  const LinearSite site{0, LinearGroup::gate_up};
  std::vector<std::size_t> wanted;
  std::uint64_t wanted_up = 0, wanted_down = 0;
  for (const std::size_t tokens : {0U, 1U, 16U, 17U, 40U}) {
    for (const float magnitude : {0.0F, 1e-20F, 1.0F, 1e20F}) {
      SeededRandom random{tokens};
      RecordingTransport transport{pair.model.service};
      EncryptedOracle oracle{pair.setup, transport, random, {40, 16}};
      Matrix x = random_matrix(48, tokens, tokens), dy = random_matrix(80, tokens, tokens);
      for (float& value : x.values()) value *= magnitude;
      for (float& value : dy.values()) value *= magnitude;
      ASSERT_EQ(oracle.forward(site, x).value().cols(), tokens);
      ASSERT_EQ(oracle.backward(site, dy).value().cols(), tokens);
      EXPECT_EQ(oracle.requests(), 6U);  // ceil(40 / 16) forward and as many backward
      std::vector<std::size_t> sizes;
      for (const SharedBytes& request : transport.requests) sizes.push_back(request->size());
      if (wanted.empty()) {
        wanted = sizes;
        wanted_up = oracle.bytes_up();
        wanted_down = oracle.bytes_down();
      }
      EXPECT_EQ(sizes, wanted);
      EXPECT_EQ(oracle.bytes_up(), wanted_up);
      EXPECT_EQ(oracle.bytes_down(), wanted_down);
    }
  }
  EXPECT_EQ(wanted_up, std::accumulate(wanted.begin(), wanted.end(), std::uint64_t{0}));
}

TEST(EncryptedOracleTest, WithoutACapacityTheLastTileIsPartial) {
  Pair pair;
  SeededRandom random{2};
  EncryptedOracle oracle{pair.setup, pair.transport, random, {0, 16, 1}};
  ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 37, 1)));
  std::vector<std::uint32_t> tokens;
  for (const SharedBytes& bytes : pair.transport.requests) {
    tokens.push_back(decode<ProductRequest>(open_frame(*bytes).value()).value().tokens);
  }
  EXPECT_EQ(tokens, (std::vector<std::uint32_t>{16, 16, 5}));
}

TEST(EncryptedOracleTest, TheCapacityCanChange) {
  Pair pair;
  SeededRandom random{2};
  EncryptedOracle oracle{pair.setup, pair.transport, random, {32, 16}};
  const LinearSite site{0, LinearGroup::qkv};
  const auto refused = oracle.forward(site, random_matrix(48, 33, 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::out_of_range);
  EXPECT_EQ(oracle.requests(), 0U);
  oracle.set_capacity(64);
  ASSERT_TRUE(oracle.forward(site, random_matrix(48, 33, 1)));
  EXPECT_EQ(oracle.requests(), 4U);
}

TEST(EncryptedOracleTest, FreshKeysMakeOtherBytesOfTheSameInput) {
  Pair pair;
  const Matrix x = random_matrix(48, 16, 1);
  SystemRandom random;
  for (int i = 0; i < 2; ++i) {
    EncryptedOracle oracle{pair.setup, pair.transport, random, {16, 16}};
    ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, x));
  }
  const FrameView first = open_frame(*pair.transport.requests[0]).value();
  const FrameView second = open_frame(*pair.transport.requests[1]).value();
  ASSERT_EQ(first.body.size(), second.body.size());
  std::size_t equal = 0;
  for (std::size_t i = 0; i < first.body.size(); ++i) equal += first.body[i] == second.body[i];
  // 2,304 bytes agree with probability 1/256 each: 9 expected, standard deviation 3.
  EXPECT_LT(equal, 40U);
}

TEST(EncryptedOracleTest, EveryTileHasItsOwnRequestId) {
  Pair pair;
  SeededRandom random{2};
  EncryptedOracle oracle{pair.setup, pair.transport, random, {32, 8, 1}};
  ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 3, 1)));
  ASSERT_TRUE(oracle.backward({1, LinearGroup::down}, random_matrix(48, 3, 1)));
  for (std::size_t i = 0; i < pair.transport.requests.size(); ++i) {
    const auto request =
        decode<ProductRequest>(open_frame(*pair.transport.requests[i]).value()).value();
    EXPECT_EQ(request.ids.request_id, i + 1);
  }
}

}  // namespace
}  // namespace hippocrypt::protocol
