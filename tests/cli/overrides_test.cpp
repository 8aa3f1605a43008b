// --set key=value: what it changes, and that its errors name it.

#include <cmath>

#include "tests/cli/config_fixture.hpp"

namespace hippocrypt::cli {
namespace {

TEST_F(ConfigTest, OverrideReplacesAValue) {
  const auto config = load({}, {"run.rounds = 3", "privacy.delta=1e-6"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->run.rounds, 3U);
  EXPECT_EQ(config->privacy.delta, 1e-6);
}

TEST_F(ConfigTest, DpForwardIsUsedWhereTheFileOrAnOverrideHasIt) {
  EXPECT_FALSE(load()->dp_forward.has_value());
  const auto written = load("[privacy.dp_forward]\nclip = 12.5\n");
  ASSERT_TRUE(written.has_value()) << written.error().detail;
  ASSERT_TRUE(written->dp_forward.has_value());
  EXPECT_EQ(written->dp_forward->clip, 12.5);
  EXPECT_EQ(written->dp_forward->epsilon, 8);
  const auto config = load({}, {"privacy.dp_forward.epsilon=2", "privacy.dp_forward.tokens=200"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  ASSERT_TRUE(config->dp_forward.has_value());
  EXPECT_EQ(config->dp_forward->epsilon, 2);
  EXPECT_EQ(config->dp_forward->tokens, 200U);
}

TEST_F(ConfigTest, LastOverrideOfAKeyWins) {
  const auto config = load({}, {"run.rounds=3", "run.rounds=5"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->run.rounds, 5U);
}

TEST_F(ConfigTest, OverrideTakesBareAndQuotedWords) {
  const auto config = load({}, {"run.name=night-2", "adapter.mode=\"lora\""});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->run.name, "night-2");
  EXPECT_EQ(config->adapter.mode, federation::AdapterMode::lora);
}

TEST_F(ConfigTest, OverrideTakesLists) {
  const auto config = load({}, {"adapter.targets=[\"q\",\"o\"]"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->adapter.targets, (std::vector<std::string>{"q", "o"}));
}

TEST_F(ConfigTest, OverrideFindsAHospitalByPositionAndByName) {
  const auto config = load({}, {"hospital.0.budget=2", "hospital.st.b.budget=inf"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->hospitals[0].budget, 2.0);
  EXPECT_TRUE(std::isinf(config->hospitals[1].budget));
}

TEST_F(ConfigTest, OverrideReplacesAWholeSection) {
  const auto config = load({}, {"run={name=\"x\", rounds=2}"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->run.name, "x");
  EXPECT_EQ(config->run.rounds, 2U);
}

TEST_F(ConfigTest, OverridesPathStartsAtTheFilesFolder) {
  const auto config = load({}, {"hospital.0.notes=data/c.jsonl"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->hospitals[0].notes, folder_ / "data" / "c.jsonl");
}

TEST_F(ConfigTest, OverridesErrorNamesItAndNotALine) {
  const auto config = load({}, {"privacy.delta=2"});
  expect_error(config, {"--set privacy.delta=2: must be a number above 0 and below 1"});
  EXPECT_EQ(config.error().detail.find(".toml"), std::string::npos);
}

TEST_F(ConfigTest, OverrideOfASectionNamesItselfForKeysInside) {
  expect_error(load({}, {"run={rounds=0}"}),
               {"--set run={rounds=0}: run.rounds = 0: must be a whole number"});
}

TEST_F(ConfigTest, OverrideOfAnUnknownKeyIsRefusedWithASuggestion) {
  expect_error(load({}, {"privacy.dleta=1e-6"}),
               {"--set privacy.dleta=1e-6: unknown key, did you mean 'delta'?"});
  expect_error(load({}, {"privcy.delta=1e-6"}),
               {"--set privcy.delta=1e-6: privcy: unknown key, did you mean 'privacy'?"});
  expect_error(load({}, {"rounds=3"}), {"--set rounds=3: unknown key"});
}

TEST_F(ConfigTest, OverrideWithAWrongTypeIsRefused) {
  expect_error(load({}, {"privacy.delta=1e-6x"}),
               {"--set privacy.delta=1e-6x: must be a number", "not the string '1e-6x'"});
  expect_error(load({}, {"run.rounds=true"}), {"--set run.rounds=true: must be a whole number"});
}

TEST_F(ConfigTest, OverrideThatIsNoAssignmentIsRefused) {
  for (const char* text : {"run.rounds", "=3", "run.rounds=", "run..rounds=3", ".rounds=3"})
    expect_error(load({}, {text}), {std::string{"--set "} + text + ": write it as key=value"});
}

TEST_F(ConfigTest, OverrideInsideAValueIsRefused) {
  expect_error(load({}, {"run.rounds.x=3"}), {"--set run.rounds.x=3: run.rounds holds no keys"});
}

TEST_F(ConfigTest, OverrideOfAHospitalThatIsNotThereIsRefused) {
  expect_error(load({}, {"hospital.7.budget=1"}), {"there is no hospital '7'", "st-anna or st.b"});
  expect_error(load({}, {"hospital.budget=1"}), {"--set hospital.budget=1: hospital is a list"});
}

TEST_F(ConfigTest, OverrideOfAHospitalInAFileWithoutHospitalsIsRefused) {
  expect_error(load_text("[run]\nrounds = 1\n", {"hospital.0.budget=1"}),
               {"--set hospital.0.budget=1: the file has no [[hospital]] section"});
}

TEST_F(ConfigTest, OverrideCannotSmuggleInASecondKey) {
  expect_error(load({}, {"run.rounds=3\nw=4"}), {"must be a whole number", "not the string"});
}

TEST_F(ConfigTest, CrossCheckNamesTheOverrideThatBrokeIt) {
  expect_error(load("[privacy]\nbudget = 4.0\n", {"privacy.noise_multiplier=0"}),
               {"--set privacy.noise_multiplier=0: without noise"});
  expect_error(
      load("[encryption]\ntrain_tiles = 1\n", {"training.max_patient_tokens=4096"}),
      {"--set training.max_patient_tokens=4096: train_tiles (1) times tile_tokens (2048)"});
}

}  // namespace
}  // namespace hippocrypt::cli
