#include "privacy/dp_sgd/dp_sgd_params.hpp"

#include <cmath>
#include <functional>
#include <limits>

#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

DpSgdParams good() {
  return {.sampling_rate = 0.02,
          .noise_multiplier = 1.0,
          .clip = 0.5,
          .expected_lot = 16.0,
          .delta = 1e-5,
          .budget = 3.0,
          .overflow_probability = 0.0};
}

TEST(DpSgdParams, AcceptsUsualValues) {
  EXPECT_TRUE(good().check().has_value());
  DpSgdParams full = good();
  full.sampling_rate = 1.0;
  full.budget = infinity;
  EXPECT_TRUE(full.check().has_value());
  full.noise_multiplier = 0.0;
  EXPECT_TRUE(full.check().has_value());
}

TEST(DpSgdParams, NamesTheFieldItsValueAndWhatIsAllowed) {
  struct Case {
    const char* field;
    double DpSgdParams::*member;
    std::vector<double> bad;
  };
  const double nan = std::nan("");
  const std::vector<Case> cases{
      {"sampling_rate", &DpSgdParams::sampling_rate, {0.0, -0.1, 1.01, nan}},
      {"noise_multiplier", &DpSgdParams::noise_multiplier, {-1.0, -0.0, 2e9, infinity, nan}},
      {"clip", &DpSgdParams::clip, {0.0, -1.0, 2e30, infinity, nan}},
      {"expected_lot", &DpSgdParams::expected_lot, {0.0, -1.0, infinity, nan}},
      {"delta", &DpSgdParams::delta, {0.0, 1.0, -1.0, nan}},
      {"budget", &DpSgdParams::budget, {0.0, -1.0, nan}},
      {"overflow_probability", &DpSgdParams::overflow_probability, {-0.1, -0.0, 1.1, nan}}};
  for (const Case& c : cases) {
    for (const double value : c.bad) {
      DpSgdParams params = good();
      params.*c.member = value;
      const Status status = params.check();
      ASSERT_FALSE(status.has_value()) << c.field << " " << value;
      EXPECT_EQ(status.error().code, Errc::out_of_range);
      EXPECT_NE(status.error().detail.find(c.field), std::string::npos) << status.error().detail;
      EXPECT_NE(status.error().detail.find("allowed is"), std::string::npos);
    }
  }
}

TEST(DpSgdParams, WantsNoiseUnderAFiniteBudget) {
  DpSgdParams params = good();
  params.noise_multiplier = 0.0;
  const Status status = params.check();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, Errc::invalid_config);
  EXPECT_NE(status.error().detail.find("noise_multiplier"), std::string::npos);
  EXPECT_NE(status.error().detail.find("budget"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::privacy
