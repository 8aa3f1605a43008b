// What averaging does to the products of an adapter's factors, in every mode.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "base/gemm.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/aggregator/aggregation_error.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "tests/support/tiny_site.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinySite;

class LoraModesTest : public ::testing::Test {
 protected:
  LoraModesTest() {
    tiny_.config.privacy.sampling_rate = 0.5;
    tiny_.config.privacy.noise_multiplier = 0.5;
    tiny_.config.training.learning_rate = 0.01;
    tiny_.config.run.steps_per_round = 2;
  }

  /// A and B of an adapter with the trained `values`.
  static std::vector<float> factors(const TinySite& tiny, const std::vector<float>& values) {
    return gather_values(tiny.site->trainer().adapter_of(values), model::Trainable::both,
                         tiny.site->model_config());
  }
  static std::vector<LowRankShape> shapes(const TinySite& tiny) {
    const auto adapter = tiny.site->trainer().adapter_of(tiny.site->start_values());
    std::vector<LowRankShape> out;
    for (std::size_t block = 0; block < adapter.blocks(); ++block) {
      for (const auto& shape : adapter.shapes()) {
        out.push_back({adapter.config().rank(), shape.in, shape.out});
      }
    }
    return out;
  }
  static std::vector<double> products(const TinySite& tiny, const std::vector<float>& values) {
    const auto adapter = tiny.site->trainer().adapter_of(values);
    std::vector<double> out;
    for (std::size_t block = 0; block < adapter.blocks(); ++block) {
      for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
        const auto& pair = adapter.at(block, i);
        Matrix product{pair.b.rows(), pair.a.cols()};
        gemm<float>(Transpose::no, pair.b, Transpose::no, pair.a, product.view());
        out.insert(out.end(), product.values().begin(), product.values().end());
      }
    }
    return out;
  }

  struct Outcome {
    double error = 0;  ///< as the aggregator finds it, without products
    double dense = 0;  ///< largest difference of the products, relative to the largest of them
  };
  /// Two hospitals' round from `global`, which moves on.
  Outcome hold_round(std::vector<TinySite*> sites, std::uint32_t number,
                     std::vector<float>& global) {
    Contributions all{number, {"a", "b"}, false, {}, {3, 1}};
    std::vector<std::vector<float>> moves;
    std::vector<double> mean;
    const auto before = factors(*sites[0], global);
    for (std::size_t i = 0; i < sites.size(); ++i) {
      all.updates.push_back(sites[i]
                                ->site->trainer()
                                .train_round(number, 2, global, never_, [](const StepReport&) {})
                                .value());
      std::vector<float> own = global;
      for (std::size_t k = 0; k < own.size(); ++k) own[k] += all.updates[i][k];
      moves.push_back(factors(*sites[0], own));
      for (std::size_t k = 0; k < before.size(); ++k) moves[i][k] -= before[k];
      const auto product = products(*sites[0], own);
      mean.resize(product.size());
      for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += all.weights[i] / 4.0 * product[k];
    }
    Outcome outcome;
    outcome.error = aggregation_error(before, moves, all.weights, shapes(*sites[0])).value();
    global = FedAvg{}.apply(global, all).value();
    const auto averaged = products(*sites[0], global);
    double largest = 0;
    for (std::size_t k = 0; k < mean.size(); ++k) {
      largest = std::max(largest, std::abs(mean[k]));
      outcome.dense = std::max(outcome.dense, std::abs(mean[k] - averaged[k]));
    }
    outcome.dense /= largest;
    return outcome;
  }

  test_support::TinyFederation tiny_{"lora_modes"};
  const std::atomic<bool> never_{false};
};

TEST_F(LoraModesTest, OneTrainedFactorIsAveragedExactlyAndTwoAreNot) {
  for (const auto mode :
       {AdapterMode::ffa, AdapterMode::rolora, AdapterMode::fed_sb, AdapterMode::lora}) {
    SCOPED_TRACE(to_string(mode));
    tiny_.config.adapter.mode = mode;
    TinySite a{tiny_, std::string{"a"} + to_string(mode)};
    TinySite b{tiny_, std::string{"b"} + to_string(mode)};
    auto global = a.site->start_values();
    for (std::uint32_t number = 1; number <= 2; ++number) {
      const Outcome outcome = hold_round({&a, &b}, number, global);
      if (mode == AdapterMode::lora) {
        EXPECT_GT(outcome.error, 1e-4);
        EXPECT_GT(outcome.dense, 1e-4);
      } else {
        EXPECT_LT(outcome.error, 1e-6);  // values are floats: their last bits differ
        EXPECT_LT(outcome.dense, 4e-6);
      }
    }
  }
}

TEST_F(LoraModesTest, ValuesComeBackFromAFilesFactors) {
  for (const auto mode : {AdapterMode::ffa, AdapterMode::lora, AdapterMode::fed_sb}) {
    tiny_.config.adapter.mode = mode;
    TinySite tiny{tiny_, std::string{"file"} + to_string(mode)};
    const auto& model = tiny.site->model_config();
    const auto start = make_initial_adapter(tiny_.config, model).value();
    auto values = tiny.site->start_values();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.01F * static_cast<float>(i % 7);
    auto file = tiny.site->trainer().adapter_of(values);
    for (std::size_t block = 0; block < file.blocks(); ++block) {
      for (std::size_t i = 0; i < file.shapes().size(); ++i) file.at(block, i).core = {};
    }
    const auto found = values_of_file(file, start, mode, model).value();
    ASSERT_EQ(found.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(found[i], values[i], 1e-6);
    tiny_.config.adapter.rank = 3;
    const auto other = make_initial_adapter(tiny_.config, model).value();
    EXPECT_EQ(values_of_file(file, other, mode, model).error().code, Errc::mismatch);
    tiny_.config.adapter.rank = 4;
  }
}

TEST_F(LoraModesTest, FedSbSendsTheFewestValues) {
  tiny_.config.adapter.mode = AdapterMode::fed_sb;
  TinySite tiny{tiny_, "ledger"};
  const std::size_t matrices = 2 * 7;  // blocks times targets
  EXPECT_EQ(tiny.site->start_values().size(), matrices * 4 * 4);
  for (const float value : tiny.site->start_values()) EXPECT_EQ(value, 0.0F);
}

TEST_F(LoraModesTest, FedSbRefusesARankAboveATargetsOutputs) {
  tiny_.config.adapter.mode = AdapterMode::fed_sb;
  tiny_.config.adapter.rank = 20;  // k and v have 16 outputs
  const auto model = model::open_model(tiny_.config.model.path.string()).value();
  const auto refused = make_initial_adapter(tiny_.config, model.model.config);
  ASSERT_EQ(refused.error().code, Errc::out_of_range);
  EXPECT_NE(refused.error().detail.find("k_proj"), std::string::npos) << refused.error().detail;
  tiny_.config.adapter.targets = {"o", "down"};
  EXPECT_TRUE(make_initial_adapter(tiny_.config, model.model.config).has_value());
}

TEST_F(LoraModesTest, FedSbsFingerprintCoversItsBasis) {
  tiny_.config.adapter.mode = AdapterMode::fed_sb;
  const auto config = model::open_model(tiny_.config.model.path.string()).value().model.config;
  const auto adapter = make_initial_adapter(tiny_.config, config).value();
  auto other = adapter;
  other.at(1, 2).basis(3, 0) += 1e-3F;
  EXPECT_NE(adapter_fingerprint(AdapterMode::fed_sb, adapter, config),
            adapter_fingerprint(AdapterMode::fed_sb, other, config));
}

}  // namespace
}  // namespace hippocrypt::federation
