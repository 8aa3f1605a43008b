#pragma once
// An engine over a ledger in a temporary folder.

#include <limits>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "privacy/dp_sgd/privacy_engine.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {

constexpr double infinity = std::numeric_limits<double>::infinity();

class PrivacyEngineTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    ledger_.emplace(open_or_die());
    dataset_.fingerprint.fill(3);
    dataset_.units = 500;
  }
  void TearDown() override {
    ledger_.reset();
    LedgerTest::TearDown();
  }

  Result<PrivacyEngine> make(const std::string& run = "run-a") {
    return PrivacyEngine::create(params_, *ledger_, dataset_, {run, "st-elsewhere", "0.1.0"},
                                 sampler_, noise_, [] { return std::int64_t{1'700'000'000}; });
  }
  PrivacyEngine make_or_die(const std::string& run = "run-a") {
    auto engine = make(run);
    EXPECT_TRUE(engine.has_value()) << to_string(engine.error());
    return std::move(engine).value();
  }

  /// A whole round of `steps` steps. Errors: those of begin_round and next_lot.
  static Status spend(PrivacyEngine& engine, std::uint64_t number, std::uint64_t steps) {
    HIPPOCRYPT_TRY(auto round, engine.begin_round(number, steps));
    std::vector<float> out(1);
    while (round.steps_left() > 0) {
      HIPPOCRYPT_TRY(const auto lot, round.next_lot());
      round.privatize(round.accumulator(1), out);
    }
    return {};
  }

  DpSgdParams params_{.sampling_rate = 0.02,
                      .noise_multiplier = 1.0,
                      .clip = 0.5,
                      .expected_lot = 10.0,
                      .delta = 1e-5,
                      .budget = 2.0,
                      .overflow_probability = 0.0};
  DatasetId dataset_;
  SeededUniformSource sampler_{SeededSequence{1, "sampler"}};
  test_support::SeededRandom noise_{2};
  std::optional<Ledger> ledger_;
};

}  // namespace hippocrypt::privacy
