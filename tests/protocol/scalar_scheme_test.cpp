// The LWE scheme behind the same oracle, messages and service.

#include <gtest/gtest.h>

#include <cmath>

#include "crypto/lwe/core/lwe_params.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"

namespace hippocrypt::protocol {
namespace {

using model::LinearGroup;
using model::LinearSite;
using test::random_matrix;

std::shared_ptr<const ProductService> serve(const test::SmallModel& m, bool offer_scalar = true) {
  const auto nonce = test::sample_nonce();
  const SetupSources sources{m.config, m.base, m.fingerprint, m.params, nonce, 2, offer_scalar};
  return std::make_shared<const ProductService>(sources, build_server_parts(sources).value());
}

double distance(const Matrix& a, const Matrix& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double{a.values()[i]} - double{b.values()[i]}, 2);
    size += std::pow(double{b.values()[i]}, 2);
  }
  return std::sqrt(difference / size);
}

TEST(ScalarSchemeTest, GivesTheProductsOfThePackedScheme) {
  const auto m = test::make_small_model("rlwe2048");
  test::RecordingTransport transport{serve(m)};
  const auto setup = ServerSetup::fetch(transport, m.params, m.config).value();
  SystemRandom random;
  EncryptedOracle packed{setup, transport, random, {.tile_tokens = 16}};
  EncryptedOracle scalar{setup, transport, random, {.tile_tokens = 16, .scheme = Scheme::scalar}};
  for (const auto group : {LinearGroup::qkv, LinearGroup::down}) {
    const LinearSite site{1, group};
    const Matrix x = random_matrix(m.config.in_features(group), 19, 1);
    EXPECT_LT(distance(scalar.forward(site, x).value(), packed.forward(site, x).value()), 5e-4);
    const Matrix dy = random_matrix(m.config.out_features(group), 19, 2);
    EXPECT_LT(distance(scalar.backward(site, dy).value(), packed.backward(site, dy).value()), 5e-4);
  }
  EXPECT_GT(scalar.bytes_down(), 1000 * packed.bytes_down());  // what packing is for
}

TEST(ScalarSchemeTest, CoversACapacityLikeThePackedOne) {
  const auto m = test::make_small_model();
  test::RecordingTransport transport{serve(m)};
  const auto setup = ServerSetup::fetch(transport, m.params, m.config).value();
  transport.requests.clear();
  SystemRandom random;
  EncryptedOracle oracle{
      setup, transport, random, {.capacity_tokens = 9, .tile_tokens = 4, .scheme = Scheme::scalar}};
  ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 3, 1)));
  ASSERT_EQ(transport.requests.size(), 3U);
  for (const SharedBytes& frame : transport.requests) {
    const FrameView view = open_frame(*frame).value();
    EXPECT_EQ(view.body.size(), crypto::lwe_body_bytes(48, 4));
    EXPECT_EQ(decode<ProductRequest>(view)->scheme, Scheme::scalar);
  }
}

TEST(ScalarSchemeTest, AServerThatDoesNotOfferItSaysSo) {
  const auto m = test::make_small_model();
  test::RecordingTransport transport{serve(m, false)};
  const auto setup = ServerSetup::fetch(transport, m.params, m.config).value();
  SystemRandom random;
  EncryptedOracle oracle{setup, transport, random, {.tile_tokens = 4, .scheme = Scheme::scalar}};
  const auto refused = oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 3, 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unsupported);
}

TEST(ScalarSchemeTest, AnAnswerBeyondAMessagesLimitIsRefused) {
  model::ModelLiteral wide = test::small_literal();
  wide.blocks = 1;
  wide.ffn = 1024;  // gate and up have 2,048 rows: 64 tokens of them take 512.5 MiB
  const auto m = test::make_small_model("rlwe1024", wide);
  const auto server = serve(m);
  const ProductRequest request{
      {m.params.fingerprint(), m.fingerprint, test::sample_nonce(), 1, 0,
       static_cast<std::uint8_t>(LinearGroup::gate_up), Direction::forward},
      48,
      64,
      scalar_bits,
      Scheme::scalar};
  const SharedBytes reply = server->answer(encode(request, Bytes(request.body_bytes())));
  const auto error = decode<ErrorReply>(open_frame(*reply).value());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->to_error().code, Errc::limit_exceeded);
}

}  // namespace
}  // namespace hippocrypt::protocol
