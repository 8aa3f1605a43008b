// The output head at the blind server: products, traffic, and what a hostile setup says about it.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "crypto/core/noise.hpp"
#include "model/head.hpp"
#include "model/plain_oracle.hpp"
#include "model/residual_oracle.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/core/setup_layout.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

using model::head_site;
using test::random_matrix;
using test::RecordingTransport;
using test_support::SeededRandom;

constexpr std::size_t vocab = 77, hidden = 48;

struct World {
  explicit World(std::string_view params_name, bool offer_scalar = false)
      : params{crypto::Params::named(params_name).value()} {
    model::ModelLiteral literal = test::small_literal();
    literal.vocab = vocab;
    config = std::make_unique<model::ModelConfig>(model::ModelConfig::create(literal).value());
    base = test::random_weights(*config, 7);
    without = model_fingerprint(*config, base);
    base.head = random_matrix(vocab, hidden, 3);
    for (float& value : base.head.values()) value *= 0.2F;
    fingerprint = model_fingerprint(*config, base);
    service = serve(test::sample_nonce(), offer_scalar);
  }
  std::shared_ptr<const ProductService> serve(const crypto::MaskNonce& nonce,
                                              bool offer_scalar = false) const {
    const SetupSources sources{*config, base, fingerprint, params, nonce, 1, offer_scalar};
    return std::make_shared<const ProductService>(sources, build_server_parts(sources).value());
  }
  std::shared_ptr<const ServerSetup> setup() const {
    return ServerSetup::parse(service->setup_frame(), params, *config).value();
  }

  crypto::Params params;
  std::unique_ptr<model::ModelConfig> config;
  model::BaseWeights base;
  Hash256 without{}, fingerprint{};
  std::shared_ptr<const ProductService> service;
};

const World& world() {
  static const World made{"rlwe1024"};
  return made;
}

/// How far an encrypted logit of token t may be from the int8 one: the worst noise over the token's
/// scale, and float roundings.
double noise_bound(const World& w, ConstMatrixView x, std::size_t t) {
  const auto q = model::quantize_rows(w.base.head).value();
  double max_l1 = 0, max_squares = 0, max_scale = 0, norm = 0, absolute = 0;
  for (std::size_t r = 0; r < q.rows; ++r) {
    double l1 = 0, squares = 0;
    for (std::size_t c = 0; c < q.cols; ++c) {
      const double value = q.values[r * q.cols + c];
      l1 += std::abs(value);
      squares += value * value;
    }
    max_l1 = std::max(max_l1, l1);
    max_squares = std::max(max_squares, squares);
    max_scale = std::max(max_scale, double{q.row_scale[r]});
  }
  for (std::size_t j = 0; j < x.rows(); ++j) {
    norm += double{x(j, t)} * double{x(j, t)};
    absolute += std::abs(double{x(j, t)});
  }
  const unsigned log_bound = w.params.tuniform_log_bound();
  const double scale =
      crypto::message_room(log_bound, max_l1) / (std::sqrt(max_squares) * std::sqrt(norm));
  const double noise = crypto::worst_noise(log_bound, max_l1) + crypto::rounding_slack;
  return max_scale * (noise / scale + 127 * absolute * 0x1p-18);
}

model::Batch batch_of(std::size_t tokens, std::size_t every) {
  model::Batch batch;
  for (std::uint32_t t = 0; t < tokens; ++t) {
    batch.tokens.push_back(t * 7 % vocab);
    batch.loss_weight.push_back(t % every == 0 && t + 1 < tokens ? 0.5F : 0.0F);
  }
  batch.sequences = {{0, tokens}};
  return batch;
}

TEST(BlindHeadTest, LogitsAreTheInt8OnesWithinTheNoiseBoundWholeOrInBlocks) {
  for (const char* params : {"rlwe1024", "rlwe2048"}) {
    const World w{params};
    auto plain = model::PlainInt8Oracle::create(w.base).value();
    const Matrix x = random_matrix(hidden, 37, 5);
    const Matrix want = plain.forward(head_site, x).value();
    RecordingTransport transport{w.service};
    for (const std::size_t capacity : {0U, 48U, 100U}) {
      SeededRandom random{capacity};
      EncryptedOracle oracle{w.setup(), transport, random, {capacity, 16}};
      const Matrix whole = oracle.forward(head_site, x).value();
      Matrix joined{vocab, 37};
      std::vector<std::size_t> begins;
      ASSERT_TRUE(oracle.forward_blocks(head_site, x, [&](std::size_t begin, ConstMatrixView y) {
        begins.push_back(begin);
        for (std::size_t r = 0; r < vocab; ++r) {
          for (std::size_t c = 0; c < y.cols(); ++c) joined(r, begin + c) = y(r, c);
        }
        return Status{};
      }));
      EXPECT_EQ(begins, (std::vector<std::size_t>{0, 16, 32}));
      for (std::size_t t = 0; t < 37; ++t) {
        const double bound = noise_bound(w, x, t);
        for (std::size_t v = 0; v < vocab; ++v) {
          ASSERT_LE(std::abs(double{whole(v, t)} - double{want(v, t)}), bound);
          ASSERT_LE(std::abs(double{joined(v, t)} - double{want(v, t)}), bound);
        }
      }
    }
  }
}

// Logits within δ of each other give losses within 2δ, and probabilities that differ by at most
// e^(2δ) - 1 in all.
TEST(BlindHeadTest, LossesAndGradientsAreClose) {
  const World& w = world();
  const Matrix x = random_matrix(hidden, 20, 6);
  const model::Batch batch = batch_of(20, 2);
  auto plain = model::PlainInt8Oracle::create(w.base).value();
  RecordingTransport transport{w.service};
  SeededRandom random{1};
  EncryptedOracle oracle{w.setup(), transport, random, {32, 16}};
  Matrix da, db;
  const auto a =
      model::blind_head_loss<float>(plain, w.base.head, x, batch, {&da, nullptr}).value();
  const auto b =
      model::blind_head_loss<float>(oracle, w.base.head, x, batch, {&db, nullptr}).value();
  for (std::size_t t = 0; t < 20; ++t) {
    const double delta = noise_bound(w, x, t);
    EXPECT_LT(delta, 0.2);  // else the test says nothing
    EXPECT_LE(std::abs(double{a.nll[t]} - double{b.nll[t]}), 2 * delta + 1e-5);
    for (std::size_t j = 0; j < hidden; ++j) {
      double largest = 0;
      for (std::size_t v = 0; v < vocab; ++v) {
        largest = std::max(largest, std::abs(double{w.base.head(v, j)}));
      }
      const double bound = double{batch.loss_weight[t]} * largest * std::expm1(2 * delta) + 1e-5;
      EXPECT_LE(std::abs(double{da(j, t)} - double{db(j, t)}), bound);
    }
  }
}

TEST(BlindHeadTest, TrafficDoesNotDependOnTokensOrWeights) {
  const World& w = world();
  std::vector<std::vector<std::size_t>> sizes;
  for (const auto& [tokens, every] : {std::pair{1U, 1U}, {9U, 3U}, {40U, 50U}, {48U, 1U}}) {
    RecordingTransport transport{w.service};
    SeededRandom random{1};
    EncryptedOracle encrypted{w.setup(), transport, random, {48, 16}};
    model::ResidualOracle oracle{encrypted, model::ChannelResiduals{}, 1};  // as hospitals have it
    const Matrix x = random_matrix(hidden, tokens, 6);
    ASSERT_TRUE(model::blind_head_loss<float>(oracle, w.base.head, x, batch_of(tokens, every), {}));
    sizes.emplace_back();
    for (const SharedBytes& request : transport.requests) sizes.back().push_back(request->size());
    EXPECT_EQ(sizes.back(), sizes.front());
  }
  EXPECT_EQ(sizes.front().size(), 3U);
}

TEST(BlindHeadTest, WhenTheMasksAreReplacedTheBlocksGoOn) {
  const World& w = world();
  RecordingTransport transport{
      w.service, [](std::size_t i, const SharedBytes& reply) -> Result<SharedBytes> {
        if (i != 2) return reply;
        return SharedBytes{encode(ErrorReply::from({Errc::stale, "masks replaced"}))};
      }};
  SeededRandom random{1};
  EncryptedOracle oracle{w.setup(), transport, random, {.tile_tokens = 4, .tiles_in_flight = 1}};
  std::vector<std::size_t> begins;
  ASSERT_TRUE(oracle.forward_blocks(head_site, random_matrix(hidden, 16, 6),
                                    [&](std::size_t begin, ConstMatrixView) {
                                      begins.push_back(begin);
                                      return Status{};
                                    }));
  EXPECT_EQ(begins, (std::vector<std::size_t>{0, 4, 8, 12}));
  EXPECT_EQ(transport.requests.size(), 6U);  // four tiles, one refused, one setup
}

TEST(BlindHeadTest, ASinksErrorEndsTheProduct) {
  RecordingTransport transport{world().service};
  SeededRandom random{1};
  EncryptedOracle oracle{
      world().setup(), transport, random, {.tile_tokens = 4, .tiles_in_flight = 1}};
  const Status ended = oracle.forward_blocks(head_site, random_matrix(hidden, 16, 6),
                                             [](std::size_t, ConstMatrixView) -> Status {
                                               return Error{Errc::cancelled, "enough"};
                                             });
  EXPECT_EQ(ended.error().code, Errc::cancelled);
  EXPECT_LE(transport.requests.size(), 2U);
  EXPECT_EQ(oracle.forward_blocks(head_site, Matrix{3, 3}, {}).error().code, Errc::mismatch);
  Matrix bad{hidden, 2};
  bad(0, 0) = NAN;
  EXPECT_EQ(oracle.forward_blocks(head_site, bad, {}).error().code, Errc::not_finite);
}

TEST(BlindHeadTest, OnlyItsForwardProductIsThere) {
  const World& w = world();
  RecordingTransport transport{w.service};
  SeededRandom random{1};
  EncryptedOracle oracle{w.setup(), transport, random, {.tile_tokens = 4}};
  EXPECT_EQ(oracle.backward(head_site, Matrix{vocab, 2}).error().code, Errc::unsupported);
  EXPECT_TRUE(transport.requests.empty());

  const test::SmallModel plain = test::make_small_model();
  RecordingTransport other{plain.service};
  const auto setup = ServerSetup::fetch(other, plain.params, plain.config).value();
  EncryptedOracle without{setup, other, random, {.tile_tokens = 4}};
  EXPECT_EQ(without.forward(head_site, Matrix{48, 2}).error().code, Errc::unsupported);
  EXPECT_EQ(without.forward_blocks(head_site, Matrix{48, 2}, {}).error().code, Errc::unsupported);
  EXPECT_EQ(without.forward({2, model::LinearGroup::head}, Matrix{48, 2}).error().code,
            Errc::out_of_range);
}

TEST(BlindHeadTest, TheServerRefusesOtherRequestsForIt) {
  const World& w = world();
  const auto refusal = [&](const ProductService& service, const Hash256& fingerprint,
                           std::uint32_t block, Direction direction, std::uint32_t features) {
    const ProductRequest request{{w.params.fingerprint(), fingerprint, test::sample_nonce(), 1,
                                  block, head_group, direction},
                                 features,
                                 2};
    const SharedBytes reply = service.answer(encode(request, Bytes(request.body_bytes())));
    return decode<ErrorReply>(open_frame(*reply).value()).value().to_error().code;
  };
  EXPECT_EQ(refusal(*w.service, w.fingerprint, 0, Direction::backward, vocab), Errc::unsupported);
  EXPECT_EQ(refusal(*w.service, w.fingerprint, 1, Direction::forward, hidden), Errc::out_of_range);
  EXPECT_EQ(refusal(*w.service, w.fingerprint, 0, Direction::forward, 47), Errc::mismatch);
  const test::SmallModel plain = test::make_small_model();
  EXPECT_EQ(refusal(*plain.service, plain.fingerprint, 0, Direction::forward, 48),
            Errc::out_of_range);
}

TEST(BlindHeadTest, TheScalarSchemeHasItToo) {
  const World w{"rlwe1024", true};
  RecordingTransport transport{w.service};
  SeededRandom random{1};
  EncryptedOracle oracle{
      w.setup(), transport, random, {.tile_tokens = 8, .scheme = Scheme::scalar}};
  auto plain = model::PlainInt8Oracle::create(w.base).value();
  const Matrix x = random_matrix(hidden, 3, 5);
  const Matrix want = plain.forward(head_site, x).value();
  const Matrix got = oracle.forward(head_site, x).value();
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got.values()[i], want.values()[i], 0.05);
  }
}

TEST(BlindHeadTest, OfferingItChangesTheFingerprintAndAddsOneSite) {
  const World& w = world();
  EXPECT_NE(w.fingerprint, w.without);
  const auto reply = decode<SetupReply>(open_frame(*w.service->setup_frame()).value()).value();
  ASSERT_EQ(reply.sites.size(), 9U);
  EXPECT_EQ(reply.sites.back().backward_sha256, Hash256{});
  EXPECT_EQ(reply.sites.back().backward_bounds, SiteBounds{});
  EXPECT_EQ(w.setup()->masks(model::head_site).count(), 80U);  // its 77 rows would not need as many
  const SetupSources sources{*w.config, w.base, w.fingerprint, w.params, test::sample_nonce(), 1};
  EXPECT_TRUE(adopt_setup_frame(sources, w.service->setup_frame()));
  model::BaseWeights plain = w.base;
  plain.head = {};
  const SetupSources others{*w.config, plain, w.fingerprint, w.params, test::sample_nonce(), 1};
  EXPECT_EQ(adopt_setup_frame(others, w.service->setup_frame()).error().code, Errc::mismatch);
  plain.head = Matrix{vocab - 1, hidden};
  EXPECT_EQ(build_server_parts(others).error().code, Errc::mismatch);
}

TEST(BlindHeadTest, AHostileTableIsRefused) {
  const World& w = world();
  const FrameView frame = open_frame(*w.service->setup_frame()).value();
  const auto refused = [&](const std::function<void(SetupReply&, Bytes&)>& change) {
    SetupReply reply = decode<SetupReply>(frame).value();
    Bytes body(frame.body.begin(), frame.body.end());
    change(reply, body);
    const auto parsed = ServerSetup::parse(
        SharedBytes{encode_frame(MessageType::setup_reply, envelope_bytes(reply), body)}, w.params,
        *w.config);
    return parsed ? Errc::cancelled : parsed.error().code;
  };
  using Reply = SetupReply;
  EXPECT_EQ(refused([](Reply&, Bytes&) {}), Errc::cancelled);  // the true one is not
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites.back().out -= 1; }), Errc::mismatch);
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites.back().out = 1 << 20; }), Errc::mismatch);
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites.back().out = (1 << 20) + 1; }),
            Errc::out_of_range);
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites.back().in += 1; }), Errc::mismatch);
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites.back().block = 1; }), Errc::mismatch);
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites.back().group = 3; }), Errc::mismatch);
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites[0].group = head_group; }), Errc::out_of_range);
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites.push_back(r.sites.back()); }), Errc::mismatch);
  EXPECT_EQ(refused([](Reply& r, Bytes&) {
              r.sites.back().backward_bounds = {1, 1};
            }),
            Errc::out_of_range);
  EXPECT_EQ(refused([](Reply& r, Bytes&) { r.sites.pop_back(); }), Errc::malformed);
  EXPECT_EQ(refused([](Reply&, Bytes& b) { b.resize(b.size() - 64); }), Errc::malformed);
  EXPECT_EQ(refused([&](Reply& r, Bytes& b) {
              const SetupLayout layout = lay_out_setup(r.sites, w.params.ring_dim());
              std::fill_n(
                  b.begin() + static_cast<std::ptrdiff_t>(layout.sites.back().forward_hints.offset),
                  4, std::uint8_t{0xff});
            }),
            Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::protocol
