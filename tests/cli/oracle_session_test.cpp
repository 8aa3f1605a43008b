#include "cli/session/oracle_session.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/protocol/small_model.hpp"

namespace hippocrypt::cli {
namespace {

using federation::OracleKind;

class OracleSessionTest : public testing::Test {
 protected:
  static OracleSession::Options options(OracleKind kind) {
    OracleSession::Options options;
    options.encryption.oracle = kind;
    options.encryption.params = "test512";
    options.encryption.insecure_test = true;
    options.encryption.tile_tokens = 8;
    options.server.threads = 1;
    return options;
  }
  static Matrix product(OracleKind kind) {
    const auto config = model::ModelConfig::create(protocol::test::small_literal()).value();
    auto base = protocol::test::random_weights(config, 1);
    const auto session = OracleSession::create(options(kind), config, std::move(base)).value();
    Matrix x{config->hidden, 3};
    for (std::size_t i = 0; i < x.size(); ++i) x.values()[i] = std::sin(static_cast<float>(i));
    session->set_capacity(0);
    Matrix y = session->oracle().forward({0, model::LinearGroup::qkv}, x).value();
    EXPECT_EQ(session->bytes_up() > 0, kind >= OracleKind::encrypted);
    EXPECT_EQ(session->server_note().empty(), kind < OracleKind::encrypted);
    return y;
  }
};

TEST_F(OracleSessionTest, EveryKindGivesTheSameProduct) {
  const Matrix exact = product(OracleKind::plain_fp32);
  double norm = 0;
  for (const float value : exact.values()) norm += std::pow(static_cast<double>(value), 2);
  for (const auto kind :
       {OracleKind::plain_int8, OracleKind::encrypted, OracleKind::encrypted_lwe}) {
    const Matrix y = product(kind);
    double error = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      error += std::pow(static_cast<double>(y.values()[i] - exact.values()[i]), 2);
    }
    // int8 weights: about 0.3 % of the largest weight in each; the toy ring's noise is smaller.
    EXPECT_LT(std::sqrt(error / norm), 0.02) << to_string(kind);
  }
}

TEST_F(OracleSessionTest, ABlindHeadMustBeOffered) {
  const auto config = model::ModelConfig::create(protocol::test::small_literal()).value();
  for (const auto kind : {OracleKind::plain_int8, OracleKind::encrypted}) {
    auto blind = options(kind);
    blind.encryption.blind_head = true;
    auto base = protocol::test::random_weights(config, 1);
    base.head = Matrix{config->vocab, config->hidden};
    base.head(3, 5) = 0.5F;
    const auto session = OracleSession::create(blind, config, std::move(base)).value();
    session->set_capacity(0);
    Matrix x{config->hidden, 1};
    x(5, 0) = 2.0F;
    const Matrix logits = session->oracle().forward(model::head_site, x).value();
    ASSERT_EQ(logits.rows(), config->vocab);
    EXPECT_NEAR(logits(3, 0), 1.0F, 0.02F);
  }
  auto blind = options(OracleKind::encrypted);
  blind.encryption.blind_head = true;
  const auto refused =
      OracleSession::create(blind, config, protocol::test::random_weights(config, 1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::unsupported);
}

TEST_F(OracleSessionTest, NamesParametersThatDoNotExist) {
  auto unknown = options(OracleKind::encrypted);
  unknown.encryption.params = "rlwe7";
  const auto config = model::ModelConfig::create(protocol::test::small_literal()).value();
  const auto session =
      OracleSession::create(unknown, config, protocol::test::random_weights(config, 1));
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().code, Errc::not_found);
}

}  // namespace
}  // namespace hippocrypt::cli
