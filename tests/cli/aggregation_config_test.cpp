// Which strategies go with what, and what the error says.

#include "tests/cli/config_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using federation::StrategyKind;

std::vector<std::string> with(const std::string& strategy, std::vector<std::string> more = {}) {
  more.insert(more.begin(), "aggregation.strategy=" + strategy);
  return more;
}

/// Three hospitals beside the two of the sound file.
const char* const three_more =
    "[[hospital]]\nname = \"c\"\nnotes = \"data/c.jsonl\"\n"
    "[[hospital]]\nname = \"d\"\nnotes = \"data/c.jsonl\"\n"
    "[[hospital]]\nname = \"e\"\nnotes = \"data/c.jsonl\"\n[secagg]\n";

class AggregationConfigTest : public ConfigTest {};

TEST_F(AggregationConfigTest, FedAvgIsTheDefault) {
  EXPECT_EQ(load()->aggregation.strategy, StrategyKind::fedavg);
}

TEST_F(AggregationConfigTest, StrategiesOnSumsGoWithSecureAggregation) {
  for (const char* strategy :
       {"fedavg", "fedprox", "fedavgm", "fedadam", "fedyogi", "fedadagrad"}) {
    const auto config = load(three_more, with(strategy));
    ASSERT_TRUE(config.has_value()) << config.error().detail;
    EXPECT_STREQ(to_string(config->aggregation.strategy), strategy);
    EXPECT_TRUE(config->secagg.enabled);
  }
}

TEST_F(AggregationConfigTest, TheServersRateFitsTheStrategyUnlessItIsGiven) {
  const auto rate = [&](const char* strategy, const char* key) {
    return load(three_more, with(strategy, {std::string{"aggregation."} + key}))
        ->aggregation.learning_rate;
  };
  EXPECT_DOUBLE_EQ(rate("fedavgm", "momentum=0.75"), 0.25);
  EXPECT_EQ(rate("fedavgm", "learning_rate=0.5"), 0.5);
  EXPECT_EQ(rate("fedyogi", "tau=0.01"), 0.01);
  EXPECT_EQ(rate("fedadagrad", "learning_rate=0.02"), 0.02);
  EXPECT_EQ(load()->aggregation.learning_rate, 1.0);
}

TEST_F(AggregationConfigTest, RobustRulesAndSecureAggregationExcludeEachOther) {
  for (const char* strategy :
       {"norm-bound", "median", "trimmed-mean", "krum", "geometric-median"}) {
    expect_error(load(three_more, with(strategy)),
                 {"aggregation.strategy", "needs every hospital's own update",
                  "set secagg.enabled to false", "fedavg, fedprox, fedavgm"});
    const auto config = load(three_more, with(strategy, {"secagg.enabled=false"}));
    EXPECT_TRUE(config.has_value()) << config.error().detail;
  }
}

TEST_F(AggregationConfigTest, RefusesNumbersThatTheStrategyDoesNotRead) {
  expect_error(load(three_more, {"aggregation.momentum=0.5"}),
               {"--set aggregation.momentum=0.5", "is not a setting of fedavg, which has none"});
  expect_error(load(three_more, with("fedadagrad", {"aggregation.beta2=0.5"})),
               {"is not a setting of fedadagrad, which has learning_rate and tau"});
  EXPECT_TRUE(load(three_more, with("fedavgm", {"aggregation.momentum=0.5"})).has_value());
}

TEST_F(AggregationConfigTest, KrumNeedsTwiceTheFaultyAndThree) {
  const std::vector<std::string> open{"secagg.enabled=false"};
  expect_error(load({}, with("krum", open)),
               {"krum needs 2·faulty + 3 = 5 hospitals to withstand 1, and there are 2"});
  EXPECT_TRUE(load(three_more, with("krum", open)).has_value());
  expect_error(load(three_more, with("krum", {"secagg.enabled=false", "aggregation.faulty=2"})),
               {"aggregation.faulty=2", "= 7 hospitals to withstand 2"});
  expect_error(load(three_more, with("krum", {"secagg.enabled=false", "federation.quorum=4"})),
               {"federation.quorum", "a round with fewer contributors would be lost"});
}

TEST_F(AggregationConfigTest, ATrimThatCutsNobodyOffIsRefused) {
  expect_error(
      load(three_more, with("trimmed-mean", {"secagg.enabled=false", "aggregation.trim=0.1"})),
      {"aggregation.trim=0.1", "of 5 hospitals this share cuts off nobody"});
  expect_error(
      load(three_more, with("trimmed-mean", {"secagg.enabled=false", "aggregation.trim=0.5"})),
      {"must be a number of 0 or more and below 0.5"});
  EXPECT_TRUE(load(three_more, with("trimmed-mean", {"secagg.enabled=false"})).has_value());
}

TEST_F(AggregationConfigTest, ScaffoldNeedsPlainSteps) {
  const auto refused = [&](std::vector<std::string> more, const std::string& why) {
    expect_error(load(three_more, with("scaffold", std::move(more))), {why, "or choose fedprox"});
  };
  refused({}, "training.optimizer to sgd");
  refused({"training.optimizer=sgd", "training.momentum=0.9"}, "training.momentum to 0");
  refused({"training.optimizer=sgd", "training.weight_decay=0.1"}, "training.weight_decay to 0");
  refused({"training.optimizer=sgd", "adapter.mode=rolora"}, "rolora shows of one factor");
  EXPECT_TRUE(load(three_more, with("scaffold", {"training.optimizer=sgd"})).has_value());
}

}  // namespace
}  // namespace hippocrypt::cli
