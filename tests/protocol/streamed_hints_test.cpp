// Products whose hints are not at hand: the same bits, what travels, and what can go wrong.

#include <gtest/gtest.h>

#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/server/deployment.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

using model::LinearGroup;
using model::LinearSite;
using test::random_matrix;
using test::RecordingTransport;
using test_support::SeededRandom;

const test::SmallModel& world() {
  static const test::SmallModel made = test::make_small_model();
  return made;
}

/// Keeps nothing, so that all hints are streamed.
class Nothing final : public HintKeeper {
 public:
  Status provide(ServerSetup&, ProductTransport&) override { return Ok{}; }
};

std::shared_ptr<const ServerSetup> table_of(ProductTransport& transport) {
  return ServerSetup::fetch(transport, world().params, world().config, std::make_shared<Nothing>())
      .value();
}

MessageType type_of(const SharedBytes& frame) { return open_frame(*frame).value().type; }

struct Products {
  Matrix forward, backward;
};

/// With the same random numbers every time.
Products products_of(std::shared_ptr<const ServerSetup> setup, ProductTransport& transport,
                     LinearSite site, std::size_t tokens, EncryptedOracle::Options options) {
  SeededRandom random{7};
  EncryptedOracle oracle{std::move(setup), transport, random, options};
  const auto& config = world().config;
  return {oracle.forward(site, random_matrix(config.in_features(site.group), tokens, 1)).value(),
          oracle.backward(site, random_matrix(config.out_features(site.group), tokens, 2)).value()};
}

bool same(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() &&
         std::equal(a.values().begin(), a.values().end(), b.values().begin(), b.values().end());
}

TEST(StreamedHintsTest, ProductsAreTheSameToTheLastBit) {
  RecordingTransport transport{world().service};
  const auto whole = ServerSetup::fetch(transport, world().params, world().config).value();
  const auto table = table_of(transport);
  for (const LinearGroup group :
       {LinearGroup::qkv, LinearGroup::attention_out, LinearGroup::gate_up, LinearGroup::down}) {
    for (const EncryptedOracle::Options& options : {EncryptedOracle::Options{0, 16},
                                                    {64, 16},
                                                    {64, 64, 1},
                                                    {40, 16, 3, 0, {}, 2},
                                                    {0, 8, 2, std::size_t{1} << 20}}) {
      const LinearSite site{1, group};
      const Products want = products_of(whole, transport, site, 37, options);
      const Products got = products_of(table, transport, site, 37, options);
      EXPECT_TRUE(same(got.forward, want.forward));
      EXPECT_TRUE(same(got.backward, want.backward));
    }
  }
}

TEST(StreamedHintsTest, BlocksOfColumnsAreTheSameToo) {
  RecordingTransport transport{world().service};
  const auto whole = ServerSetup::fetch(transport, world().params, world().config).value();
  const auto table = table_of(transport);
  const Matrix x = random_matrix(48, 20, 3);
  const auto run = [&](const std::shared_ptr<const ServerSetup>& setup) {
    SeededRandom random{7};
    EncryptedOracle oracle{setup, transport, random, {32, 8}};
    std::vector<float> all;
    const Status status = oracle.forward_blocks(
        {0, LinearGroup::gate_up}, x, [&](std::size_t, ConstMatrixView y) -> Status {
          for (std::size_t r = 0; r < y.rows(); ++r) {
            all.insert(all.end(), y.row(r).begin(), y.row(r).end());
          }
          return Ok{};
        });
    EXPECT_TRUE(status);
    return all;
  };
  EXPECT_EQ(run(table), run(whole));
}

TEST(StreamedHintsTest, HintsAreAskedForOnceAProductHoweverManyTilesItHas) {
  RecordingTransport transport{world().service};
  const auto table = table_of(transport);
  transport.requests.clear();
  SeededRandom random{1};
  EncryptedOracle oracle{table, transport, random, {64, 8}};
  ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 20, 1)));
  std::uint64_t up = 0;
  std::size_t tiles = 0, pieces = 0;
  for (const SharedBytes& request : transport.requests) {
    up += request->size();
    (type_of(request) == MessageType::product_request ? tiles : pieces) += 1;
  }
  EXPECT_EQ(tiles, 8U);
  EXPECT_EQ(pieces, 1U);  // 80 outputs of 1,024 words fit one
  EXPECT_EQ(oracle.bytes_up(), up);
  const std::size_t answers = 8 * 80 * 8 * 2, hints = 80 * 1024 * 30 / 8;
  EXPECT_GT(oracle.bytes_down(), answers + hints);
  EXPECT_LT(oracle.bytes_down(), answers + hints + 9 * 512);
}

TEST(StreamedHintsTest, TheScalarSchemeNeedsNone) {
  const auto& m = world();
  const crypto::MaskNonce nonce = test::sample_nonce();
  const SetupSources sources{m.config, m.base, m.fingerprint, m.params, nonce, 1, true};
  RecordingTransport transport{
      std::make_shared<ProductService>(sources, build_server_parts(sources).value())};
  const auto table = table_of(transport);
  SeededRandom random{1};
  EncryptedOracle oracle{table, transport, random, {.tile_tokens = 8, .scheme = Scheme::scalar}};
  ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 8, 1)));
  for (const SharedBytes& request : transport.requests) {
    EXPECT_NE(type_of(request), MessageType::hint_request);
  }
}

/// What a forward product gives when the replies to hint requests are changed.
Errc refusal(const std::function<Result<SharedBytes>(const SharedBytes&)>& change) {
  RecordingTransport transport{world().service,
                               [&](std::size_t, const SharedBytes& reply) -> Result<SharedBytes> {
                                 if (type_of(reply) != MessageType::hint_reply) return reply;
                                 return change(reply);
                               }};
  SeededRandom random{1};
  EncryptedOracle oracle{table_of(transport), transport, random, {16, 16}};
  const auto got = oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 3, 1));
  return got ? Errc::not_found : got.error().code;
}

SharedBytes changed(const SharedBytes& reply,
                    const std::function<void(HintReply&, Bytes&)>& change) {
  const FrameView frame = open_frame(*reply).value();
  HintReply envelope = decode<HintReply>(frame).value();
  Bytes body(frame.body.begin(), frame.body.end());
  change(envelope, body);
  return SharedBytes{encode_frame(frame.type, envelope_bytes(envelope), body)};
}

TEST(StreamedHintsTest, WrongHintsNeverGiveAProduct) {
  EXPECT_EQ(refusal([](const SharedBytes& reply) { return reply; }), Errc::not_found);
  EXPECT_EQ(refusal([](const SharedBytes& reply) {
              return changed(reply, [](HintReply&, Bytes& body) { body[1000] ^= 1; });
            }),
            Errc::mismatch);
  EXPECT_EQ(refusal([](const SharedBytes& reply) {
              return changed(reply,
                             [](HintReply&, Bytes& body) { std::fill_n(body.begin(), 8, 255); });
            }),
            Errc::malformed);
  EXPECT_EQ(refusal([](const SharedBytes& reply) {
              return changed(reply, [](HintReply& r, Bytes&) { r.first_word += 16; });
            }),
            Errc::mismatch);
  EXPECT_EQ(refusal([](const SharedBytes& reply) {
              return changed(reply, [](HintReply&, Bytes& body) { body.pop_back(); });
            }),
            Errc::malformed);
  EXPECT_EQ(refusal([](const SharedBytes&) {
              return SharedBytes{encode(ErrorReply::from({Errc::limit_exceeded, "too fast"}))};
            }),
            Errc::limit_exceeded);
  int attempts = 0;
  EXPECT_EQ(refusal([&](const SharedBytes&) -> Result<SharedBytes> {
              ++attempts;
              return Error{Errc::unavailable, "unplugged"};
            }),
            Errc::unavailable);
  EXPECT_EQ(attempts, HintStream::max_attempts);
}

TEST(StreamedHintsTest, NewMasksOnTheWayAreFollowed) {
  SystemRandom system;
  const std::shared_ptr<Deployment> server =
      Deployment::create(
          world().config, [] { return Result{ServedWeights::of(world().config, world().base)}; },
          {world().params, 1, {}, 3}, system)
          .value();
  InProcessTransport transport{server};
  const auto table =
      ServerSetup::fetch(transport, world().params, world().config, std::make_shared<Nothing>())
          .value();
  SeededRandom random{1};
  EncryptedOracle oracle{table, transport, random, {16, 8}};
  const Matrix x = random_matrix(48, 16, 1);
  const Hash256 before = sha256(*server->service()->setup_frame());
  // Two tiles each: the second product's last tile comes too late, and both are sent anew.
  for (int i = 0; i < 2; ++i) {
    const auto y = oracle.forward({0, LinearGroup::qkv}, x);
    ASSERT_TRUE(y) << to_string(y.error());
    const auto int8 = model::quantize_rows(world().base.at({0, LinearGroup::qkv})).value();
    for (std::size_t r = 0; r < y->rows(); ++r) {
      double want = 0;
      for (std::size_t c = 0; c < 48; ++c) {
        want += double{int8.row_scale[r]} * int8.values[r * 48 + c] * double{x(c, 5)};
      }
      EXPECT_NEAR((*y)(r, 5), want, 0.02);
    }
  }
  EXPECT_NE(sha256(*server->service()->setup_frame()), before);
}

}  // namespace
}  // namespace hippocrypt::protocol
