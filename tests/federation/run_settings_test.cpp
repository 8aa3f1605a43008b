#include "federation/common/run_settings.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace hippocrypt::federation {
namespace {

FederationConfig sample() {
  FederationConfig config;
  config.hospitals = {{"st-anna", "a.jsonl"}, {"riverside", "b.jsonl"}};
  return config;
}

/// What a change says, "" where it may be made.
std::string complaint(const std::function<void(FederationConfig&)>& change, std::size_t index = 0) {
  FederationConfig config = sample();
  change(config);
  const Status status = check_same_settings(run_settings(sample(), 0), run_settings(config, index));
  if (status) return {};
  EXPECT_EQ(status.error().code, Errc::mismatch);
  return status.error().detail;
}

TEST(RunSettingsTest, NamesTheKeyThatChangedAndBothValues) {
  EXPECT_EQ(complaint([](auto&) {}), "");
  const auto rate = complaint([](auto& config) { config.training.learning_rate = 0.25; });
  EXPECT_EQ(rate.rfind("training.learning_rate is 0.25 and was 0.001 when the run began", 0), 0U)
      << rate;
  const auto names = [](const std::string& text, const char* key) {
    return text.rfind(std::string{key} + " is ", 0) == 0;
  };
  EXPECT_TRUE(names(complaint([](auto& c) { c.run.seed = 2; }), "run.seed"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.adapter.targets = {"q"}; }), "adapter.targets"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.privacy.clip = 2; }), "privacy.clip"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.privacy.clipping = ClippingMode::adaptive; }),
                    "privacy.clipping"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.privacy.final_noise_multiplier = 2; }),
                    "privacy.final_noise_multiplier"));
  EXPECT_TRUE(
      names(complaint([](auto& c) { c.encryption.train_tiles = 9; }), "encryption.train_tiles"));
  EXPECT_TRUE(
      names(complaint([](auto& c) { c.encryption.blind_head = true; }), "encryption.blind_head"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.encryption.exact_channels = 7; }),
                    "encryption.exact_channels"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.training.schedule = ScheduleKind::cosine; }),
                    "training.schedule"));
  EXPECT_TRUE(names(complaint([](auto& c) { c.dp_forward.emplace(); }), "privacy.dp_forward"));
  EXPECT_TRUE(names(complaint([](auto&) {}, 1), "hospital.name"));
}

TEST(RunSettingsTest, HoldsWhatDecidesDpForwardsNoise) {
  FederationConfig began = sample();
  began.dp_forward.emplace();
  const auto complaint_of = [&](auto&& change) {
    FederationConfig now = began;
    change(*now.dp_forward);
    const Status status = check_same_settings(run_settings(began, 0), run_settings(now, 0));
    return status ? std::string{} : status.error().detail.substr(0, 30);
  };
  EXPECT_EQ(complaint_of([](auto& f) { f.clip = 2; }), "privacy.dp_forward.clip is 2 a");
  EXPECT_EQ(complaint_of([](auto& f) { f.epsilon = 2; }), "privacy.dp_forward.epsilon is ");
  EXPECT_EQ(complaint_of([](auto& f) { f.tokens = 7; }), "privacy.dp_forward.tokens is 7");
  EXPECT_EQ(complaint_of([](auto& f) { f.budget = 2; }), "") << "it may grow";
}

TEST(RunSettingsTest, LeavesOutWhatDoesNotChangeTheResult) {
  EXPECT_EQ(complaint([](auto& config) {
              config.privacy.budget = 3;
              config.server.threads = 7;
              config.training.log_every = 1;
              config.training.checkpoint_every = 1;
              config.encryption.pad_mib = 5;
              config.run.name = "other";
            }),
            "");
}

TEST(RunSettingsTest, ListsOfOtherVersionsAreNoMatch) {
  const auto now = run_settings(sample(), 0);
  EXPECT_EQ(check_same_settings({}, now).error().code, Errc::mismatch);
  auto renamed = now;
  renamed[1].key = "run.something";
  EXPECT_EQ(check_same_settings(renamed, now).error().code, Errc::mismatch);
}

TEST(RunSettingsTest, NamesTheFirstDifferenceAndBothValues) {
  const std::vector<Setting> mine{{"a", "1"}, {"b", "2"}};
  EXPECT_FALSE(first_difference(mine, mine));
  const auto expect = [&](const std::vector<Setting>& other, const std::string& wanted) {
    const auto found = first_difference(mine, other);
    ASSERT_TRUE(found) << wanted;
    EXPECT_EQ(found->key + ' ' + found->first + ' ' + found->second, wanted);
  };
  expect({{"a", "1"}, {"b", "3"}}, "b 2 3");
  expect({{"a", "1"}, {"c", "2"}}, "b 2 not set");
  expect({{"a", "1"}}, "b 2 not set");
  expect({{"a", "1"}, {"b", "2"}, {"c", "3"}}, "c not set 3");
}

}  // namespace
}  // namespace hippocrypt::federation
