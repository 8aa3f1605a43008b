// RoLoRA: B and A are trained in turn, so that averaging adapters averages their products.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "base/gemm.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "tests/support/tiny_site.hpp"

namespace hippocrypt::federation {
namespace {

class RoloraTest : public testing::Test {
 protected:
  RoloraTest() {
    tiny_.config.adapter.mode = AdapterMode::rolora;
    tiny_.config.privacy.sampling_rate = 0.5;
    tiny_.config.privacy.noise_multiplier = 0.5;
    tiny_.config.training.learning_rate = 0.01;
    tiny_.config.run.steps_per_round = 2;
  }

  std::vector<float> update(test_support::TinySite& site, std::uint32_t round,
                            const std::vector<float>& global) {
    return site.site->trainer()
        .train_round(round, 2, global, never_, [](const StepReport&) {})
        .value();
  }
  /// Which values of A and of B an update moves.
  struct Moved {
    bool a = false, b = false;
  };
  static Moved moved(const test_support::TinySite& site, const std::vector<float>& update) {
    const auto adapter = site.site->trainer().adapter_of(update);
    Moved moved;
    for (std::size_t block = 0; block < adapter.blocks(); ++block) {
      for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
        const auto is_moved = [](float x) { return x != 0.0F; };
        const auto a = adapter.at(block, i).a.values();
        const auto b = adapter.at(block, i).b.values();
        moved.a |= std::any_of(a.begin(), a.end(), is_moved);
        moved.b |= std::any_of(b.begin(), b.end(), is_moved);
      }
    }
    return moved;
  }
  static std::vector<double> products(const test_support::TinySite& site,
                                      const std::vector<float>& values) {
    const auto adapter = site.site->trainer().adapter_of(values);
    std::vector<double> out;
    for (std::size_t block = 0; block < adapter.blocks(); ++block) {
      for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
        const Matrix& a = adapter.at(block, i).a;
        const Matrix& b = adapter.at(block, i).b;
        Matrix product{b.rows(), a.cols()};
        gemm<float>(Transpose::no, b.view(), Transpose::no, a.view(), product.view());
        out.insert(out.end(), product.values().begin(), product.values().end());
      }
    }
    return out;
  }

  static std::vector<float> averaged(const std::vector<float>& global,
                                     std::vector<std::vector<float>> updates) {
    Contributions both;
    both.hospitals = {"first", "second"};
    both.updates = std::move(updates);
    both.weights = {1, 1};
    return FedAvg{}.apply(global, both).value();
  }

  test_support::TinyFederation tiny_{"rolora"};
  std::atomic<bool> never_{false};
};

TEST_F(RoloraTest, TrainsOneFactorARoundAndAveragesProductsExactly) {
  test_support::TinySite first{tiny_, "first.sqlite"};
  test_support::TinySite second{tiny_, "second.sqlite"};
  std::vector<float> global = first.site->start_values();
  for (std::uint32_t round = 1; round <= 4; ++round) {
    const std::vector<std::vector<float>> updates{update(first, round, global),
                                                  update(second, round, global)};
    ASSERT_NE(updates[0], updates[1]);  // their noise differs
    for (const auto& values : updates) {
      EXPECT_EQ(moved(first, values).b, round % 2 == 1) << round;
      EXPECT_EQ(moved(first, values).a, round % 2 == 0) << round;
    }
    std::vector<double> mean(products(first, global).size(), 0.0);
    for (const auto& values : updates) {
      std::vector<float> own = global;
      for (std::size_t i = 0; i < own.size(); ++i) own[i] += values[i];
      const auto product = products(first, own);
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += product[i] / 2;
    }
    global = averaged(global, updates);
    const auto average = products(first, global);
    double largest = 0.0;
    for (const double x : mean) largest = std::max(largest, std::abs(x));
    ASSERT_GT(largest, 0.0);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      ASSERT_NEAR(average[i], mean[i], 2e-6 * largest) << round;
    }
  }
}

TEST_F(RoloraTest, PlainLoraDoesNotAverageProducts) {
  tiny_.config.adapter.mode = AdapterMode::lora;
  test_support::TinySite first{tiny_, "a.sqlite"};
  test_support::TinySite second{tiny_, "b.sqlite"};
  const std::vector<float> start = first.site->start_values();
  const std::vector<std::vector<float>> updates{update(first, 1, start), update(second, 1, start)};
  std::vector<double> mean(products(first, start).size(), 0.0);
  for (const auto& values : updates) {
    std::vector<float> own = start;
    for (std::size_t i = 0; i < own.size(); ++i) own[i] += values[i];
    const auto product = products(first, own);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += product[i] / 2;
  }
  const auto average = products(first, averaged(start, updates));
  double largest = 0.0, off = 0.0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    largest = std::max(largest, std::abs(mean[i]));
    off = std::max(off, std::abs(mean[i] - average[i]));
  }
  EXPECT_GT(off, 1e-4 * largest);
}

TEST_F(RoloraTest, GoesOnFromACheckpointAsIfItHadNotStopped) {
  tiny_.config.privacy.noise_multiplier = 0;
  const auto run = [&](test_support::TinySite& tiny, std::vector<float>& values,
                       std::uint64_t first, std::uint64_t count) {
    EXPECT_TRUE(tiny.site->trainer().take_steps({first / 2 + 1, first, count}, values, never_,
                                                [](const StepReport&) {}));
  };
  test_support::TinySite whole{tiny_, "whole.sqlite"};
  auto expected = whole.site->start_values();
  run(whole, expected, 0, 7);
  for (const std::uint64_t stop : {1U, 2U, 3U, 4U}) {
    test_support::TinySite before{tiny_, "before" + std::to_string(stop)};
    auto values = before.site->start_values();
    run(before, values, 0, stop);
    test_support::TinySite after{tiny_, "after" + std::to_string(stop)};
    ASSERT_TRUE(after.site->trainer().restore(before.site->trainer().optimizer_state(), stop));
    run(after, values, stop, 7 - stop);
    EXPECT_EQ(values, expected) << stop;
  }
}

TEST_F(RoloraTest, EveryKindOfClippingTrains) {
  tiny_.config.privacy.noise_multiplier = 0;
  tiny_.config.privacy.sampling_rate = 1;
  tiny_.config.privacy.expected_lot = 18;
  tiny_.config.encryption.train_tiles = 8;
  for (const auto mode :
       {AdapterMode::ffa, AdapterMode::lora, AdapterMode::rolora, AdapterMode::fed_sb}) {
    tiny_.config.adapter.mode = mode;
    for (const auto clipping :
         {ClippingMode::flat, ClippingMode::per_layer, ClippingMode::adaptive}) {
      tiny_.config.privacy.clipping = clipping;
      test_support::TinySite tiny{tiny_, std::string{to_string(mode)} + to_string(clipping)};
      auto values = tiny.site->start_values();
      std::vector<StepReport> reports;
      ASSERT_TRUE(tiny.site->trainer().take_steps(
          {1, 0, 8}, values, never_, [&](const StepReport& report) { reports.push_back(report); }));
      EXPECT_LT(reports.back().loss, reports.front().loss - 1e-3)
          << to_string(mode) << ' ' << to_string(clipping);
      EXPECT_EQ(reports.back().rejected, 0U);
      EXPECT_EQ(reports.back().clip != 1.0, clipping == ClippingMode::adaptive);
    }
  }
}

}  // namespace
}  // namespace hippocrypt::federation
