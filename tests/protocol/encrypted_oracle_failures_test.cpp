#include <gtest/gtest.h>

#include <limits>

#include "protocol/client/encrypted_oracle.hpp"
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

const SmallModel& world() {
  static const SmallModel made = test::make_small_model();
  return made;
}

std::shared_ptr<const ServerSetup> setup() {
  return ServerSetup::parse(world().service->setup_frame(), world().params, world().config).value();
}

constexpr LinearSite site{0, LinearGroup::attention_out};

struct Outcome {
  Status status;
  std::size_t exchanges;
};

Outcome forward_once(RecordingTransport& transport, const Matrix& x = random_matrix(48, 4, 1),
                     LinearSite where = site) {
  SeededRandom random{4};
  EncryptedOracle oracle{setup(), transport, random, {8, 8}};
  const auto y = oracle.forward(where, x);
  return {y ? Status{} : Status{y.error()}, transport.requests.size()};
}

TEST(EncryptedOracleRetryTest, AFailedExchangeIsRepeatedWithTheSameBytes) {
  for (const Errc code : {Errc::unavailable, Errc::deadline}) {
    RecordingTransport transport{
        world().service, [code](std::size_t i, const SharedBytes& reply) -> Result<SharedBytes> {
          if (i == 0) return Error{code, "the line broke"};
          return reply;
        }};
    SeededRandom random{4};
    EncryptedOracle oracle{setup(), transport, random, {8, 8}};
    const Matrix x = random_matrix(48, 4, 1);
    const auto y = oracle.forward(site, x);
    ASSERT_TRUE(y);
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_TRUE(same_bytes(*transport.requests[0], *transport.requests[1]));
    EXPECT_EQ(oracle.requests(), 1U);
    EXPECT_EQ(oracle.bytes_up(), 2 * transport.requests[0]->size());

    // The answer is the one that an unbroken line gives, to the last bit.
    RecordingTransport unbroken{world().service};
    SeededRandom same{4};
    EncryptedOracle other{setup(), unbroken, same, {8, 8}};
    const Matrix wanted = other.forward(site, x).value();
    EXPECT_TRUE(std::equal(wanted.values().begin(), wanted.values().end(), y->values().begin()));
  }
}

TEST(EncryptedOracleRetryTest, GivesUpAfterMaxAttempts) {
  RecordingTransport transport{world().service,
                               [](std::size_t, const SharedBytes&) -> Result<SharedBytes> {
                                 return Error{Errc::deadline, "no answer in time"};
                               }};
  const Outcome outcome = forward_once(transport);
  ASSERT_FALSE(outcome.status);
  EXPECT_EQ(outcome.status.error().code, Errc::deadline);
  EXPECT_EQ(outcome.exchanges, std::size_t{EncryptedOracle::max_attempts});
  for (const SharedBytes& request : transport.requests) {
    EXPECT_TRUE(same_bytes(*request, *transport.requests[0]));
  }
}

TEST(EncryptedOracleRetryTest, OtherFailuresAreNotRepeated) {
  RecordingTransport transport{world().service,
                               [](std::size_t, const SharedBytes&) -> Result<SharedBytes> {
                                 return Error{Errc::cancelled, "stopped by the user"};
                               }};
  const Outcome outcome = forward_once(transport);
  ASSERT_FALSE(outcome.status);
  EXPECT_EQ(outcome.status.error().code, Errc::cancelled);
  EXPECT_EQ(outcome.exchanges, 1U);
}

TEST(EncryptedOracleRetryTest, AnErrorReplyIsPassedOnAndNotRepeated) {
  for (const Errc code : {Errc::unavailable, Errc::mismatch, Errc::limit_exceeded}) {
    RecordingTransport transport{world().service,
                                 [code](std::size_t, const SharedBytes&) -> Result<SharedBytes> {
                                   return SharedBytes{encode(ErrorReply::from({code, "no"}))};
                                 }};
    const Outcome outcome = forward_once(transport);
    ASSERT_FALSE(outcome.status);
    EXPECT_EQ(outcome.status.error().code, code);
    EXPECT_EQ(outcome.status.error().detail, "the server refused: no");
    EXPECT_EQ(outcome.exchanges, 1U);
  }
}

/// What the client says to a reply that `forge` has changed.
Errc verdict(const std::function<void(ProductReply&, Bytes&)>& forge) {
  RecordingTransport transport{
      world().service, [&](std::size_t, const SharedBytes& bytes) -> Result<SharedBytes> {
        const FrameView frame = open_frame(*bytes).value();
        ProductReply reply = decode<ProductReply>(frame).value();
        Bytes body(frame.body.begin(), frame.body.end());
        forge(reply, body);
        return SharedBytes{encode_frame(MessageType::product_reply, envelope_bytes(reply), body)};
      }};
  const Outcome outcome = forward_once(transport);
  EXPECT_FALSE(outcome.status);
  EXPECT_EQ(outcome.exchanges, 1U);
  return outcome.status ? Errc::cancelled : outcome.status.error().code;
}

TEST(EncryptedOracleLyingServerTest, ARepliesIdsMustBeTheRequests) {
  EXPECT_EQ(verdict([](ProductReply& r, Bytes&) { r.ids.request_id += 1; }), Errc::mismatch);
  EXPECT_EQ(verdict([](ProductReply& r, Bytes&) { r.ids.params_fingerprint[3] ^= 1; }),
            Errc::mismatch);
  EXPECT_EQ(verdict([](ProductReply& r, Bytes&) { r.ids.model_fingerprint[3] ^= 1; }),
            Errc::mismatch);
  EXPECT_EQ(verdict([](ProductReply& r, Bytes&) { r.ids.mask_nonce[3] ^= 1; }), Errc::mismatch);
  EXPECT_EQ(verdict([](ProductReply& r, Bytes&) { r.ids.block = 1; }), Errc::mismatch);
  EXPECT_EQ(verdict([](ProductReply& r, Bytes&) { r.ids.group = 3; }), Errc::mismatch);
  EXPECT_EQ(verdict([](ProductReply& r, Bytes&) { r.ids.direction = Direction::backward; }),
            Errc::mismatch);
}

TEST(EncryptedOracleLyingServerTest, AnotherShapeIsAMismatch) {
  EXPECT_EQ(verdict([](ProductReply& r, Bytes& body) {
              r.out -= 1;
              body.resize(r.body_bytes());
            }),
            Errc::mismatch);
  EXPECT_EQ(verdict([](ProductReply& r, Bytes& body) {
              r.tokens += 1;
              body.resize(r.body_bytes());
            }),
            Errc::mismatch);
}

TEST(EncryptedOracleLyingServerTest, ABodyOfTheWrongLengthIsMalformed) {
  EXPECT_EQ(verdict([](ProductReply&, Bytes& body) { body.pop_back(); }), Errc::malformed);
  EXPECT_EQ(verdict([](ProductReply&, Bytes& body) { body.push_back(0); }), Errc::malformed);
  EXPECT_EQ(verdict([](ProductReply&, Bytes& body) { body.clear(); }), Errc::malformed);
}

Errc verdict_on_bytes(const std::function<Bytes(Bytes)>& forge) {
  RecordingTransport transport{world().service,
                               [&](std::size_t, const SharedBytes& bytes) -> Result<SharedBytes> {
                                 return SharedBytes{forge(Bytes(bytes->begin(), bytes->end()))};
                               }};
  const Outcome outcome = forward_once(transport);
  EXPECT_FALSE(outcome.status);
  return outcome.status ? Errc::cancelled : outcome.status.error().code;
}

TEST(EncryptedOracleLyingServerTest, BrokenFramesAreNamedForWhatTheyAre) {
  EXPECT_EQ(verdict_on_bytes([](Bytes b) { return Bytes(b.begin(), b.end() - 1); }),
            Errc::malformed);
  EXPECT_EQ(verdict_on_bytes([](const Bytes&) { return Bytes{}; }), Errc::malformed);
  EXPECT_EQ(verdict_on_bytes([](const Bytes&) { return encode(SetupRequest{}); }), Errc::malformed);
  EXPECT_EQ(verdict_on_bytes([](Bytes b) {
              b[4] = 7;
              return b;
            }),
            Errc::unsupported);
  EXPECT_EQ(verdict_on_bytes([](Bytes b) {
              b[17] = 1;
              return b;
            }),
            Errc::limit_exceeded);
}

TEST(EncryptedOracleInputTest, NothingIsSentOfAnInputThatIsNotFinite) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    RecordingTransport transport{world().service};
    SeededRandom random{4};
    EncryptedOracle oracle{setup(), transport, random, {64, 8}};
    Matrix x = random_matrix(48, 64, 1);
    x(47, 63) = bad;  // in the last tile
    const auto y = oracle.forward(site, x);
    ASSERT_FALSE(y);
    EXPECT_EQ(y.error().code, Errc::not_finite);
    const auto dx = oracle.backward(site, x);
    ASSERT_FALSE(dx);
    EXPECT_EQ(dx.error().code, Errc::not_finite);
    EXPECT_TRUE(transport.requests.empty());
    EXPECT_EQ(oracle.bytes_up(), 0U);
  }
}

TEST(EncryptedOracleInputTest, OverflowOfTheRowScalesIsNotFinite) {
  model::BaseWeights base = world().base;
  for (float& value : base.at(site).values()) value *= 1e38F;
  const std::shared_ptr<const ProductService> service =
      ProductService::create(world().config, base, Hash256{}, world().params, {}, 1).value();
  const auto large =
      ServerSetup::parse(service->setup_frame(), world().params, world().config).value();
  RecordingTransport transport{service};
  SeededRandom random{4};
  EncryptedOracle oracle{large, transport, random, {16, 8}};
  Matrix dy{48, 16};
  dy(47, 15) = 1e30F;  // in the second tile
  const auto dx = oracle.backward(site, dy);
  ASSERT_FALSE(dx);
  EXPECT_EQ(dx.error().code, Errc::not_finite);
  EXPECT_TRUE(transport.requests.empty());
}

TEST(EncryptedOracleInputTest, WrongShapesAndSitesAreRefusedBeforeSending) {
  RecordingTransport transport{world().service};
  EXPECT_EQ(forward_once(transport, random_matrix(47, 4, 1)).status.error().code, Errc::mismatch);
  EXPECT_EQ(forward_once(transport, random_matrix(48, 9, 1)).status.error().code,
            Errc::out_of_range);
  EXPECT_EQ(
      forward_once(transport, random_matrix(48, 4, 1), {2, LinearGroup::qkv}).status.error().code,
      Errc::out_of_range);
  SeededRandom random{4};
  EncryptedOracle oracle{setup(), transport, random, {0, 8}};
  EXPECT_EQ(oracle.forward(site, Matrix{48, 0}).error().code, Errc::out_of_range);
  EXPECT_EQ(oracle.backward({9, LinearGroup::qkv}, Matrix{48, 1}).error().code, Errc::out_of_range);
  EXPECT_EQ(oracle.backward(site, Matrix{40, 1}).error().code, Errc::mismatch);
  EXPECT_TRUE(transport.requests.empty());
}

std::shared_ptr<const ProductService> serve(const model::BaseWeights& base,
                                            const Hash256& fingerprint, std::uint8_t nonce_byte) {
  crypto::MaskNonce nonce;
  nonce.fill(nonce_byte);
  return ProductService::create(world().config, base, fingerprint, world().params, nonce, 1)
      .value();
}

TEST(EncryptedOracleRefreshTest, ReplacedMasksAreFetchedAndTheCallRepeated) {
  // The same model under other masks: the nonce is what tells them apart.
  RecordingTransport transport{serve(world().base, world().fingerprint, 9)};
  SeededRandom random{4};
  EncryptedOracle oracle{setup(), transport, random, {8, 8}};
  const Matrix x = random_matrix(48, 4, 1);
  const auto y = oracle.forward(site, x);
  ASSERT_TRUE(y);
  ASSERT_EQ(transport.requests.size(), 3U);  // refused, setup, answered
  EXPECT_EQ(open_frame(*transport.requests[1])->type, MessageType::setup_request);
  // Encrypted anew under a fresh secret, not resent.
  EXPECT_FALSE(same_bytes(open_frame(*transport.requests[0])->body,
                          open_frame(*transport.requests[2])->body));
  ASSERT_TRUE(oracle.forward(site, x));
  EXPECT_EQ(transport.requests.size(), 4U);  // the new setup stays
}

TEST(EncryptedOracleRefreshTest, OtherWeightsBehindNewMasksAreAMismatch) {
  RecordingTransport transport{
      serve(test::random_weights(world().config, 8), Hash256{}, 9),
      [](std::size_t i, const SharedBytes& reply) -> Result<SharedBytes> {
        if (i > 0) return reply;
        return SharedBytes{encode(ErrorReply::from({Errc::stale, "masks replaced"}))};
      }};
  const Outcome outcome = forward_once(transport);
  ASSERT_FALSE(outcome.status);
  EXPECT_EQ(outcome.status.error().code, Errc::mismatch);
  EXPECT_EQ(outcome.exchanges, 2U);
}

TEST(EncryptedOracleRefreshTest, MasksThatNeverLastEndTheCall) {
  RecordingTransport transport{
      world().service, [](std::size_t, const SharedBytes& reply) -> Result<SharedBytes> {
        if (open_frame(*reply)->type == MessageType::setup_reply) return reply;
        return SharedBytes{encode(ErrorReply::from({Errc::stale, "masks replaced"}))};
      }};
  const Outcome outcome = forward_once(transport);
  ASSERT_FALSE(outcome.status);
  EXPECT_EQ(outcome.status.error().code, Errc::stale);
  EXPECT_EQ(outcome.exchanges, 2U * EncryptedOracle::max_refreshes + 1);
}

}  // namespace
}  // namespace hippocrypt::protocol
