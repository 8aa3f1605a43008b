#include "cli/preflight/model_checks.hpp"

#include <gtest/gtest.h>

#include "model/files/open_weights.hpp"
#include "protocol/core/messages.hpp"

namespace hippocrypt::cli {
namespace {

Hash256 hash(std::uint8_t byte) {
  Hash256 out{};
  out.fill(byte);
  return out;
}

SharedBytes table(const Hash256& fingerprint) {
  protocol::SetupTable answer;
  answer.params_name = "rlwe2048";
  answer.model_fingerprint = fingerprint;
  const Bytes body(answer.body_bytes());
  return SharedBytes{protocol::encode(answer, body)};
}

void expect_check(const Check& check, CheckState state, const std::string& part) {
  EXPECT_EQ(check.name, "model of gpu:1");
  EXPECT_EQ(check.state, state) << check.text;
  EXPECT_NE(check.text.find(part), std::string::npos) << check.text;
}

TEST(ModelChecksTest, ComparesFingerprints) {
  expect_check(judge_model("gpu:1", table(hash(1)), hash(1)), CheckState::passed,
               "fingerprint 0101010101010101, as here");
  expect_check(judge_model("gpu:1", table(hash(2)), hash(1)), CheckState::failed,
               "fingerprint 0202020202020202, here it is 0101010101010101: the files differ");
  expect_check(judge_model("gpu:1", table(hash(2)), Error{Errc::not_found, "no model here"}),
               CheckState::failed, "no model here");
  expect_check(judge_model("gpu:1", {}, hash(1)), CheckState::skipped, "not reached");
}

TEST(ModelChecksTest, SaysWhatTheServerAnswersInstead) {
  const auto refusal =
      protocol::ErrorReply::from({Errc::mismatch, "this server has models of other shapes"});
  expect_check(judge_model("gpu:1", SharedBytes{protocol::encode(refusal)}, hash(1)),
               CheckState::failed, "this server has models of other shapes");
  expect_check(judge_model("gpu:1", SharedBytes{Bytes{1, 2, 3}}, hash(1)), CheckState::failed,
               "[[model]]");
}

TEST(ModelChecksTest, AsksForTheTableOfTheBlock) {
  federation::FederationConfig config;
  config.model.path = std::filesystem::path{HIPPOCRYPT_SOURCE_DIR} / "data/model";
  const auto shape = model::open_config(config.model.path.string()).value();
  const auto question = model_question(config.encryption, shape, 3, hash(7)).value();
  const auto view = protocol::open_frame(*question.body).value();
  const auto request = protocol::decode<protocol::SetupRequest>(view).value();
  EXPECT_EQ(request.block, 3U);
  EXPECT_FALSE(request.with_hints);
  EXPECT_EQ(request.config_fingerprint, shape.fingerprint());
  EXPECT_EQ(request.model_fingerprint, hash(7));
  config.encryption.params = "none";
  EXPECT_FALSE(model_question(config.encryption, shape, 0, {}).has_value());
}

TEST(ModelChecksTest, NamesItsOwnModelAsAServerDoes) {
  federation::FederationConfig config;
  config.model.path = std::filesystem::path{HIPPOCRYPT_SOURCE_DIR} / "data/model";
  const auto plain = own_fingerprint(config).value();
  EXPECT_EQ(own_fingerprint(config).value(), plain);
  config.encryption.blind_head = true;
  EXPECT_NE(own_fingerprint(config).value(), plain);
  config.model.path = "nowhere";
  EXPECT_FALSE(own_fingerprint(config).has_value());
}

}  // namespace
}  // namespace hippocrypt::cli
