#include "federation/client/alone_training.hpp"

#include <gtest/gtest.h>

#include "federation/client/hospital.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::federation {
namespace {

class AloneTraining : public testing::Test {
 protected:
  AloneTraining() {
    tiny_.config.encryption.oracle = OracleKind::plain_int8;
    tiny_.config.privacy.noise_multiplier = 0;  // so that trainings can be compared
    tiny_.config.training.optimizer = OptimizerKind::sgd;
    tiny_.config.training.learning_rate = 0.5;
  }

  /// With the adapter that the first hospital trains by itself as the federation's.
  AloneOptions options() const {
    AloneOptions options;
    options.config = tiny_.config;
    options.folder = tiny_.folder() / "alone";
    options.run = "tiny";
    options.federated = trained_by_first();
    return options;
  }

  std::vector<float> trained_by_first() const {
    HospitalOptions options;
    options.config = std::make_shared<const FederationConfig>(tiny_.config);
    options.ledger = tiny_.folder() / "first.sqlite";
    options.run = "tiny";
    auto hospital = Hospital::create(options, nullptr).value();
    RoundStart start;
    start.values.resize(hospital->adapter_size());
    const std::atomic<bool> never{false};
    for (start.round = 1; start.round <= tiny_.config.run.rounds; ++start.round) {
      const auto update = hospital->train(start, never, [](const StepReport&) {});
      EXPECT_EQ(update.status, UpdateStatus::contributed) << update.reason;
      for (std::size_t i = 0; i < start.values.size(); ++i) start.values[i] += update.values[i];
    }
    return start.values;
  }

  test_support::TinyFederation tiny_{"alone_training"};
};

TEST_F(AloneTraining, TrainsAsAHospitalOfTheFederationWould) {
  const auto comparison = compare_alone(options());
  ASSERT_TRUE(comparison) << to_string(comparison.error());
  ASSERT_EQ(comparison->alone.size(), 3U);
  EXPECT_EQ(comparison->alone[0].first, "cardiology");
  EXPECT_EQ(comparison->alone[0].second, comparison->federated)
      << "the same steps on the same lots";
  EXPECT_NE(comparison->alone[1].second, comparison->federated);
  EXPECT_NE(comparison->start, comparison->federated);
  EXPECT_GT(comparison->pooled_tokens, 100U);
  EXPECT_TRUE(std::filesystem::exists(tiny_.folder() / "alone" / "cardiology" / "ledger.sqlite"));
}

TEST_F(AloneTraining, DoesNotSpendThePatientsBudgetTwice) {
  auto refused = options();
  refused.config.privacy.ledger = LedgerPlace::dataset;
  const auto comparison = compare_alone(refused);
  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.error().code, Errc::invalid_config);
  EXPECT_FALSE(std::filesystem::exists(refused.folder));
}

TEST_F(AloneTraining, RefusesAnAdapterOfAnotherSize) {
  auto refused = options();
  refused.federated.pop_back();
  const auto comparison = compare_alone(refused);
  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.error().code, Errc::mismatch);
}

TEST_F(AloneTraining, StopsWhenItIsTold) {
  const std::atomic<bool> stop{true};
  auto stopped = options();
  stopped.stop = &stop;
  const auto comparison = compare_alone(stopped);
  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.error().code, Errc::cancelled);
}

TEST_F(AloneTraining, SitsOutWhatItsBudgetDoesNotAllow) {
  auto poor = options();
  poor.config.privacy.noise_multiplier = 1;
  poor.config.privacy.budget = 1e-3;
  const auto comparison = compare_alone(poor);
  ASSERT_TRUE(comparison) << to_string(comparison.error());
  for (const auto& [name, loss] : comparison->alone) EXPECT_EQ(loss, comparison->start) << name;
}

}  // namespace
}  // namespace hippocrypt::federation
