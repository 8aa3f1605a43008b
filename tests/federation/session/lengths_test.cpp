// What a hospital sends the aggregator has lengths that its patients' data cannot change.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "federation/common/round_messages.hpp"
#include "federation/common/site_messages.hpp"
#include "federation/secagg/common/configured.hpp"
#include "federation/secagg/common/fixed_point.hpp"
#include "federation/secagg/common/messages.hpp"
#include "federation/session/for_aggregator.hpp"

namespace hippocrypt::federation {
namespace {

std::vector<float> values_of(float value) { return std::vector<float>(1000, value); }

TEST(LengthsTest, AnUpdateInTheClearIsAsLongWhateverItHolds) {
  std::set<std::size_t> lengths;
  for (const float value : {0.0F, -0.0F, 1e-38F, 1.0F, -3.4e38F}) {
    Update update;
    update.hospital = "st-anna";
    update.round = value > 0 ? 1 : 0xffffffff;
    update.values = values_of(value);
    update.reason = std::string(static_cast<std::size_t>(std::abs(value)) % 7, 'x');
    lengths.insert(encode(for_aggregator(std::move(update))).size());
  }
  EXPECT_EQ(lengths.size(), 1U);
}

TEST(LengthsTest, AMaskedUpdateIsAsLongWhateverItHolds) {
  std::vector<secagg::Member> members(3);
  secagg::ParamsLiteral literal;
  for (std::uint8_t i = 0; i < 3; ++i) {
    members[i].name = std::string{"hospital-"} + static_cast<char>('a' + i);
    members[i].identity.fill(static_cast<std::uint8_t>(1 + i));
    literal.weights.push_back(1);
  }
  const auto params = secagg::Params::create(literal).value();
  const auto session =
      secagg::Session::create(
          params, std::make_shared<const secagg::Roster>(secagg::Roster::create(members).value()),
          {"run", 1, 1})
          .value();
  std::set<std::size_t> lengths;
  for (const float value : {0.0F, 1e-38F, 0.5F, -1e30F}) {  // the last is clamped
    const auto encoded = secagg::encode(values_of(value), 1, params).value();
    const Bytes body = secagg::encode_masked_update(*session, encoded.words.reveal());
    lengths.insert(
        encode(RoundMessage{"hospital-a", 1, 1, RoundMessageKind::masked_update, body}).size());
  }
  EXPECT_EQ(lengths.size(), 1U);
}

TEST(LengthsTest, SignsOfLifeAndStatementsHaveOneLength) {
  std::set<std::size_t> heartbeats, statements;
  for (const std::uint32_t number : {0U, 1U, 255U, 65'536U, 0xffffffffU}) {
    heartbeats.insert(encode(Heartbeat{"st-anna", number, number / 3}).size());
    BudgetStatement statement;
    statement.hospital = "st-anna";
    statement.run = "heart";
    statement.round = number;
    statement.epsilon = number == 0 ? std::numeric_limits<double>::infinity() : 1.0 / number;
    statement.delta = 1e-5 / (1.0 + number);
    statement.steps = std::uint64_t{number} << 20;
    statement.unit = "patient";
    statements.insert(encode(statement).size());
  }
  EXPECT_EQ(heartbeats.size(), 1U);
  EXPECT_EQ(statements.size(), 1U);
}

}  // namespace
}  // namespace hippocrypt::federation
