#include "federation/secagg/common/params.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/secagg/common/session.hpp"

namespace hippocrypt::federation::secagg {
namespace {

using testing::HasSubstr;

ParamsLiteral literal_of(std::size_t hospitals, std::uint32_t colluders = 0) {
  ParamsLiteral literal;
  literal.weights.assign(hospitals, 1);
  literal.colluders = colluders;
  return literal;
}

/// The sentence of the refusal.
std::string refusal(const ParamsLiteral& literal) {
  const auto params = Params::create(literal);
  EXPECT_FALSE(params.has_value());
  if (params) return {};
  EXPECT_EQ(params.error().code, Errc::invalid_config);
  return params.error().detail;
}

TEST(ParamsTest, DerivesTheSmallestSafeThreshold) {
  for (const auto& [hospitals, colluders, threshold] : std::vector<std::array<std::uint32_t, 3>>{
           {3, 0, 2}, {8, 2, 6}, {100, 33, 67}, {4, 0, 3}, {5, 3, 5}, {255, 0, 128}}) {
    const auto params = Params::create(literal_of(hospitals, colluders)).value();
    EXPECT_EQ(params.threshold(), threshold);
    EXPECT_GT(2 * params.threshold(), hospitals + colluders);
    EXPECT_LE(2 * (params.threshold() - 1), hospitals + colluders);
  }
}

TEST(ParamsTest, DescribesWhatItTolerates) {
  EXPECT_EQ(Params::create(literal_of(8, 2))->describe(),
            "secure aggregation: threshold 6 of 8 hospitals; a sum holds at least 6, so 2 may be "
            "missing from it, and 2 when it is unmasked; up to 2 may conspire with a dishonest "
            "aggregator");
  EXPECT_EQ(Params::create(literal_of(3))->describe(),
            "secure aggregation: threshold 2 of 3 hospitals; a sum holds at least 3, so 0 may be "
            "missing from it, and 1 when it is unmasked; no hospital may conspire with a dishonest "
            "aggregator");
}

TEST(ParamsTest, RefusesTooFewContributors) {
  for (const std::uint32_t few : {0U, 1U, 2U}) {
    auto literal = literal_of(5);
    literal.min_contributors = few;
    EXPECT_THAT(refusal(literal), HasSubstr("each learns the other's update"));
  }
  EXPECT_THAT(refusal(literal_of(2)), HasSubstr("at least min_contributors = 3 hospitals and 2"));
  EXPECT_THAT(refusal(literal_of(0)), HasSubstr("0 are configured"));
}

TEST(ParamsTest, RefusesThresholdsThatDoNotHold) {
  auto literal = literal_of(8, 2);
  literal.threshold = 5;  // 2·5 = 8 + 2
  EXPECT_THAT(refusal(literal), HasSubstr("threshold = 5 is too small"));
  EXPECT_THAT(refusal(literal), HasSubstr("at least 6"));
  literal.threshold = 9;
  EXPECT_THAT(refusal(literal), HasSubstr("more than the 8 hospitals"));
  literal.threshold = 7;
  EXPECT_EQ(Params::create(literal)->threshold(), 7U);
  EXPECT_THAT(refusal(literal_of(4, 3)), HasSubstr("at most 2 make sense"));
  EXPECT_THAT(refusal(literal_of(4, UINT32_MAX)), HasSubstr("at most 2 make sense"));
  EXPECT_THAT(refusal(literal_of(256)), HasSubstr("at most 255"));
}

TEST(ParamsTest, RefusesWhatCouldOverflow) {
  auto literal = literal_of(100);
  literal.value_bits = 25;  // and 7 bits of weights: exactly 32
  EXPECT_TRUE(Params::create(literal).has_value());
  literal.value_bits = 26;
  EXPECT_EQ(refusal(literal),
            "the sum could overflow: value_bits = 26 and weights that sum to 100 need 33 bits and "
            "the ring has 32; set value_bits to at most 25 or make the weights smaller");
  literal = literal_of(4);
  literal.weights[0] = 1U << 31U;
  EXPECT_THAT(refusal(literal), HasSubstr("they may sum to 2^24 at most"));
  literal = literal_of(4);
  literal.weights[3] = 5;  // the sum is 8: 3 bits, not 4
  literal.value_bits = 29;
  EXPECT_TRUE(Params::create(literal).has_value());
  literal.weights[3] = 6;
  EXPECT_THAT(refusal(literal), HasSubstr("need 33 bits"));
}

TEST(ParamsTest, RefusesOtherNonsense) {
  auto literal = literal_of(4);
  literal.weights[2] = 0;
  EXPECT_THAT(refusal(literal), HasSubstr("weight is 0"));
  for (const double range : {0.0, -1.0, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    literal = literal_of(4);
    literal.range = range;
    EXPECT_THAT(refusal(literal), HasSubstr("range must be a positive number"));
  }
  for (const std::uint32_t bits : {0U, 7U, 31U, 64U}) {
    literal = literal_of(4);
    literal.value_bits = bits;
    EXPECT_THAT(refusal(literal), HasSubstr("outside 8 to 30"));
  }
}

TEST(ParamsTest, FingerprintCoversEveryNumber) {
  const auto base = Params::create(literal_of(8)).value();
  std::vector<ParamsLiteral> others(7, literal_of(8));
  others[0].weights.push_back(1);
  others[1].weights[7] = 2;
  others[2].threshold = 6;
  others[3].colluders = 1;  // the threshold stays 5
  others[4].min_contributors = 4;
  others[5].value_bits = 23;
  others[6].range = 9;
  for (const auto& other : others) {
    EXPECT_NE(Params::create(other)->fingerprint(), base.fingerprint());
  }
}

Member member_of(std::string name, std::uint8_t identity) {
  Member member;
  member.name = std::move(name);
  member.identity[0] = identity;
  return member;
}

TEST(RosterTest, RefusesWhatIsNoRoster) {
  const auto code = [](std::vector<Member> members) {
    const auto roster = Roster::create(std::move(members));
    return roster ? Errc::io : roster.error().code;
  };
  EXPECT_EQ(code({}), Errc::invalid_config);
  EXPECT_EQ(code(std::vector<Member>(256)), Errc::invalid_config);
  EXPECT_EQ(code({member_of("", 1)}), Errc::invalid_config);
  EXPECT_EQ(code({member_of("a", 1), member_of("a", 2)}), Errc::invalid_config);
  EXPECT_EQ(code({member_of("a", 1), member_of("b", 1)}), Errc::invalid_config);
}

TEST(SessionTest, EveryPartChangesItsHash) {
  const auto params = Params::create(literal_of(3)).value();
  const auto roster_of = [](const char* third) {
    return std::make_shared<const Roster>(
        Roster::create({member_of("a", 1), member_of("b", 2), member_of(third, 3)}).value());
  };
  const auto hash = [&](const std::shared_ptr<const Roster>& roster, const Session::Place& place,
                        const Params& with) {
    return Session::create(with, roster, place).value()->hash();
  };
  const auto roster = roster_of("c");
  const auto base = hash(roster, {"run", 1, 1}, params);
  EXPECT_EQ(hash(roster_of("c"), {"run", 1, 1}, params), base);
  EXPECT_NE(hash(roster, {"ran", 1, 1}, params), base);
  EXPECT_NE(hash(roster, {"run", 2, 1}, params), base);
  EXPECT_NE(hash(roster, {"run", 1, 2}, params), base);
  EXPECT_NE(hash(roster_of("d"), {"run", 1, 1}, params), base);
  auto narrower = literal_of(3);
  narrower.range = 4;
  EXPECT_NE(hash(roster, {"run", 1, 1}, Params::create(narrower).value()), base);
  EXPECT_EQ(roster->index_of("b"), MemberIndex{1});
  EXPECT_FALSE(roster->index_of("d").has_value());
}

TEST(SessionTest, ParamsAndRosterMustBelongTogether) {
  const auto roster = std::make_shared<const Roster>(
      Roster::create({member_of("a", 1), member_of("b", 2), member_of("c", 3)}).value());
  auto heavier = literal_of(3);
  heavier.weights[1] = 2;
  for (const auto& literal : {literal_of(4), heavier}) {
    const auto session = Session::create(Params::create(literal).value(), roster, {"run", 1, 1});
    ASSERT_FALSE(session.has_value());
    EXPECT_EQ(session.error().code, Errc::mismatch);
  }
}

}  // namespace
}  // namespace hippocrypt::federation::secagg
