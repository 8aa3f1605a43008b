// What a configuration may ask of secure aggregation.

#include "tests/cli/config_fixture.hpp"

namespace hippocrypt::cli {
namespace {

constexpr const char* third = "[[hospital]]\nname = \"c\"\nnotes = \"data/c.jsonl\"\n";

std::string three_with(const std::string& secagg) {
  return std::string{third} + "[secagg]\n" + secagg;
}

TEST_F(ConfigTest, SecureAggregationIsOnForThreeHospitals) {
  const auto config = load(three_with(""));
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_TRUE(config->secagg.enabled);
}

TEST_F(ConfigTest, TwoHospitalsCannotHideFromEachOther) {
  expect_error(load("[secagg]\nvalue_bits = 20\n"),
               {"federation.toml:16: secagg.value_bits", "at least min_contributors = 3 hospitals",
                "turn [secagg] off and say that the aggregator sees every update"});
  EXPECT_TRUE(load("[secagg]\nenabled = false\n").has_value());
  expect_error(load(three_with("min_contributors = 2\n")),
               {":19: secagg.min_contributors = 2: ", "each learns the other's update"});
}

TEST_F(ConfigTest, OneHospitalHasNobodyToHideAmong) {
  EXPECT_TRUE(load_text("[model]\npath = \"data/model\"\n[[hospital]]\nname = \"a\"\n"
                        "notes = \"data/a.jsonl\"\n[secagg]\n")
                  .has_value());
}

TEST_F(ConfigTest, SumsThatCouldOverflowAreRefused) {
  const std::string heavy = "weight = 1000\n" + three_with("value_bits = 24\n");
  expect_error(load(heavy), {"value_bits = 24 and weights that sum to 1002 need 34 bits",
                             "set value_bits to at most 22 or make the weights smaller"});
  EXPECT_TRUE(load("weight = 1000\n" + three_with("value_bits = 22\n")).has_value());
}

TEST_F(ConfigTest, ThresholdsThatDoNotHoldAreRefused) {
  expect_error(load(three_with("threshold = 1\n")),
               {":19: secagg.threshold = 1: ", "threshold = 1 is too small", "at least 2"});
  expect_error(load(three_with("threshold = 4\n")), {"more than the 3 hospitals"});
  expect_error(load(three_with("colluders = 2\n")), {":19: secagg.colluders = 2: ", "at most 1"});
  EXPECT_TRUE(load(three_with("colluders = 1\nthreshold = 3\n")).has_value());
}

}  // namespace
}  // namespace hippocrypt::cli
