#include "federation/common/site_messages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/sha256.hpp"
#include "tests/federation/message_kinds.hpp"
#include "tests/federation/sample_messages.hpp"

namespace hippocrypt::federation {
namespace {

using test::sample_statement;
using test::sample_welcome;

std::vector<test::MessageKind> kinds() {
  return {
      {"welcome", encode(sample_welcome()),
       [](ByteView b) { return decode_welcome(b).has_value(); }},
      {"budget_statement", encode(sample_statement()),
       [](ByteView b) { return decode_budget_statement(b).has_value(); }},
  };
}

TEST(SiteMessagesTest, RoundTrip) {
  const auto welcome = decode_welcome(encode(sample_welcome())).value();
  EXPECT_EQ(welcome.run, "trial-2");
  EXPECT_EQ(welcome.settings, sample_welcome().settings);
  EXPECT_EQ(welcome.certificates, sample_welcome().certificates);
  const auto statement = decode_budget_statement(encode(sample_statement())).value();
  EXPECT_EQ(statement.hospital, "st-anna");
  EXPECT_EQ(statement.run, "trial-2");
  EXPECT_EQ(statement.round, 3U);
  EXPECT_EQ(statement.epsilon, 1.5);
  EXPECT_EQ(statement.delta, 1e-5);
  EXPECT_EQ(statement.steps, 12U);
  EXPECT_EQ(statement.unit, "patient");
  EXPECT_EQ(statement.signature, sample_statement().signature);
}

TEST(SiteMessagesTest, EveryFieldButTheSignatureIsSigned) {
  const auto sample = sample_statement();
  const Bytes bytes = statement_bytes(sample);
  EXPECT_EQ(to_hex(sha256(bytes)),
            "58cd9216f3db5639b2ee3945df188ad1c9e48af953ae8598b52bcc78a6fd331d");
  std::vector<BudgetStatement> others(7, sample);
  others[0].hospital = "st-ann";
  others[1].run = "atrial-2";
  others[2].round = 4;
  others[3].epsilon = 1.25;
  others[4].delta = 1e-6;
  others[5].steps = 13;
  others[6].unit = "note";
  for (const auto& other : others) EXPECT_NE(statement_bytes(other), bytes);
  auto signed_otherwise = sample;
  signed_otherwise.signature[0] = 8;
  EXPECT_EQ(statement_bytes(signed_otherwise), bytes);
}

TEST(SiteMessagesTest, EveryTruncationIsRefused) { test::expect_every_truncation_refused(kinds()); }

TEST(SiteMessagesTest, FlippedBitsNeverCrash) { test::decode_with_flipped_bits(kinds()); }

TEST(SiteMessagesTest, NoMessageIsTakenForAnother) {
  EXPECT_EQ(decode_welcome(encode(sample_statement())).error().code, Errc::malformed);
  EXPECT_EQ(decode_budget_statement(encode(sample_welcome())).error().code, Errc::malformed);
}

TEST(SiteMessagesTest, FiguresThatCannotBeAreMalformed) {
  auto endless = sample_statement();
  endless.epsilon = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::isinf(decode_budget_statement(encode(endless)).value().epsilon));
  // A peer that does not check itself: the figures lie behind the texts, so they are found by
  // value.
  const auto with = [](double epsilon) {
    Bytes bytes = encode(sample_statement());
    const double old = sample_statement().epsilon;
    const auto at =
        std::search(bytes.begin(), bytes.end(), reinterpret_cast<const std::uint8_t*>(&old),
                    reinterpret_cast<const std::uint8_t*>(&old) + sizeof old);
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&epsilon), sizeof epsilon, at);
    return bytes;
  };
  EXPECT_TRUE(decode_budget_statement(with(2.5)).has_value());
  for (const double epsilon : {-1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(decode_budget_statement(with(epsilon)).error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace hippocrypt::federation
