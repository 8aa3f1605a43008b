#include "privacy/dp_forward/embedding_release.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "privacy/accounting/analytic_gaussian.hpp"
#include "privacy/dp_forward/forward_account.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

Hash256 hash_of(std::uint8_t value) {
  Hash256 hash{};
  hash.fill(value);
  return hash;
}

class EmbeddingReleaseTest : public LedgerTest {
 protected:
  EmbeddingReleaseTest() {
    source_ = {hash_of(3), hash_of(4), {hash_of(12), hash_of(11), hash_of(10)}};
    terms_ = {1e-5, 20.0, "run-a", "st-elsewhere", "0.1.0", [] { return 1'700'000'000; }};
    clean_ = Matrix{4, 5};
    for (float& value : clean_.values()) value = 0.1F;
  }
  NoiseSeed seed(std::uint64_t number = 1) const {
    test_support::SeededRandom random{number};
    return NoiseSeed::fresh(random);
  }
  Result<EmbeddingRelease> pay(Ledger& ledger, std::uint64_t seed_number = 1) const {
    return EmbeddingRelease::pay(params_, source_, seed(seed_number), terms_, ledger);
  }
  EmbeddingRelease pay_or_die(Ledger& ledger, std::uint64_t seed_number = 1) const {
    auto release = pay(ledger, seed_number);
    EXPECT_TRUE(release.has_value()) << to_string(release.error());
    return std::move(release).value();
  }
  static std::vector<float> values(const Matrix& matrix) {
    return {matrix.values().begin(), matrix.values().end()};
  }

  MatrixGaussianParams params_{1.5, gaussian_noise_multiplier({8, 1e-5}).value(), 4, 6};
  ReleaseSource source_;
  ReleaseTerms terms_;
  Matrix clean_;
};

TEST_F(EmbeddingReleaseTest, ChargesOneRowBeforeAnythingIsReleased) {
  Ledger ledger = open_or_die();
  const EmbeddingRelease release = pay_or_die(ledger);
  Ledger other = open_or_die(LedgerMode::must_exist);  // another connection sees it already
  ASSERT_EQ(other.rows().size(), 1U);
  const LedgerEntry& entry = other.rows()[0].entry;
  EXPECT_EQ(entry.mechanism, Mechanism::matrix_gaussian);
  EXPECT_EQ(entry.unit, PrivacyUnit::sequence);
  EXPECT_EQ(entry.relation, NeighbouringRelation::any_pair);
  EXPECT_EQ(entry.sampling_rate, 1.0);
  EXPECT_EQ(entry.noise_multiplier, params_.noise_multiplier);
  EXPECT_EQ(entry.clip, 1.5);
  EXPECT_EQ(entry.steps, 1U);
  EXPECT_EQ(entry.delta, 1e-5);
  EXPECT_EQ(entry.dataset, source_.dataset);
  EXPECT_EQ(entry.run, "run-a");
  EXPECT_EQ(entry.hospital, "st-elsewhere");
  EXPECT_EQ(entry.noise_source, "keyed_stream:" + to_hex(release.id()));
  EXPECT_EQ(entry.overflow_probability, 0.0);
  EXPECT_EQ(entry.noise, NoiseKind::discrete_gaussian);
  EXPECT_TRUE(release.charged_now());
  EXPECT_EQ(release.ledger_row(), 1U);
  EXPECT_NEAR(release.epsilon(), 8.0, 1e-9);
}

TEST_F(EmbeddingReleaseTest, OneSequenceHasOneMatrix) {
  Ledger ledger = open_or_die();
  const EmbeddingRelease release = pay_or_die(ledger);
  const Matrix first = release.matrix(hash_of(11), clean_.view());
  EXPECT_EQ(first.rows(), 4U);
  EXPECT_EQ(first.cols(), 6U);
  EXPECT_EQ(values(release.matrix(hash_of(11), clean_.view())), values(first));
  // Equal texts of two notes: their noise is independent, or equal matrices would show them equal.
  EXPECT_NE(values(release.matrix(hash_of(12), clean_.view())), values(first));
}

TEST_F(EmbeddingReleaseTest, AResumedRunMakesTheSameMatricesAndIsNotChargedAgain) {
  std::vector<float> first;
  {
    Ledger ledger = open_or_die();
    first = values(pay_or_die(ledger).matrix(hash_of(10), clean_.view()));
  }
  Ledger ledger = open_or_die(LedgerMode::must_exist);
  std::reverse(source_.sequences.begin(), source_.sequences.end());  // another order of the notes
  const EmbeddingRelease again = pay_or_die(ledger);
  EXPECT_FALSE(again.charged_now());
  EXPECT_EQ(again.ledger_row(), 1U);
  EXPECT_EQ(ledger.rows().size(), 1U);
  EXPECT_EQ(values(again.matrix(hash_of(10), clean_.view())), first);
}

TEST_F(EmbeddingReleaseTest, CatchesRenoisingThatIsNotCharged) {
  Ledger ledger = open_or_die();
  std::set<std::vector<float>> noisy;
  std::size_t releases = 0;
  const auto charged_for_all = [&] { return noisy.size() <= ledger.rows().size(); };
  for (int epoch = 0; epoch < 3; ++epoch) {
    noisy.insert(values(pay_or_die(ledger, 1).matrix(hash_of(10), clean_.view())));
    EXPECT_TRUE(charged_for_all());
  }
  EXPECT_EQ(ledger.rows().size(), 1U);
  // A seed that was not kept: other noise, and a row for it.
  for (const std::uint64_t lost : {2U, 3U}) {
    noisy.insert(values(pay_or_die(ledger, lost).matrix(hash_of(10), clean_.view())));
    EXPECT_TRUE(charged_for_all());
    releases = ledger.rows().size();
    EXPECT_EQ(releases, lost);
  }
  EXPECT_NEAR(pay_or_die(ledger, 3).epsilon(),
              gaussian_epsilon(params_.noise_multiplier / std::sqrt(3.0), 1e-5).value(), 1e-9);
  // The published way: fresh noise in every epoch on one charge. The check finds it.
  test_support::SeededRandom random{9};
  for (int epoch = 0; epoch < 3; ++epoch) {
    Matrix out{4, 6};
    add_matrix_noise(params_, clean_.view(), random, out.view());
    noisy.insert(values(out));
  }
  EXPECT_FALSE(charged_for_all());
}

TEST_F(EmbeddingReleaseTest, WhateverChangesIsAnotherRelease) {
  Ledger ledger = open_or_die();
  const EmbeddingRelease first = pay_or_die(ledger);
  const auto noise_of = [&](const EmbeddingRelease& release, const Matrix& clean) {
    // In units of the noise, and of matrices that are not clipped: equal noise would give equal
    // values, and the difference of two releases would show the texts.
    std::vector<float> out;
    const Matrix noisy = release.matrix(hash_of(10), clean.view());
    for (std::size_t r = 0; r < 4; ++r) {
      out.push_back((noisy(r, 5)) / static_cast<float>(release.params().standard_deviation()));
    }
    return out;
  };
  const auto expect_other = [&](const char* what, auto&& change) {
    const auto old_params = params_;
    const auto old_source = source_;
    change();
    const std::size_t rows = ledger.rows().size();
    terms_.budget = std::numeric_limits<double>::infinity();
    const EmbeddingRelease other = pay_or_die(ledger);
    EXPECT_EQ(ledger.rows().size(), rows + 1) << what;
    EXPECT_NE(other.id(), first.id()) << what;
    const auto a = noise_of(first, clean_);
    const auto b = noise_of(other, clean_);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_GT(std::abs(a[i] - b[i]), 1e-6F) << what;
    params_ = old_params;
    source_ = old_source;
  };
  expect_other("clip", [&] { params_.clip = 3.0; });
  expect_other("noise", [&] { params_.noise_multiplier = 2.0; });
  expect_other("the model's embeddings", [&] { source_.embedding = hash_of(5); });
  expect_other("one note more", [&] { source_.sequences.push_back(hash_of(13)); });
  // A text that changed under its identity gets noise of its own as well.
  Matrix changed = clean_;
  changed(0, 0) += 0.01F;
  const auto before = noise_of(first, clean_);
  const auto after = noise_of(first, changed);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NE(before[i], after[i]);
}

TEST_F(EmbeddingReleaseTest, RefusesWhatTheBudgetDoesNotAllow) {
  Ledger ledger = open_or_die();
  terms_.budget = 10.0;
  pay_or_die(ledger, 1);
  const auto second = pay(ledger, 2);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::budget_exhausted);
  for (const char* part : {"12.", "1e-05", "8 is spent", "budget is 10"}) {
    EXPECT_NE(second.error().detail.find(part), std::string::npos) << second.error().detail;
  }
  EXPECT_EQ(ledger.rows().size(), 1U);
  EXPECT_TRUE(pay(ledger, 1).has_value()) << "what was paid for stays usable";
}

TEST_F(EmbeddingReleaseTest, AnotherDataSetHasAnAccountOfItsOwn) {
  Ledger ledger = open_or_die();
  terms_.budget = 10.0;
  pay_or_die(ledger);
  source_.dataset = hash_of(30);
  EXPECT_NEAR(pay_or_die(ledger).epsilon(), 8.0, 1e-9);
}

TEST_F(EmbeddingReleaseTest, RefusesABadSource) {
  Ledger ledger = open_or_die();
  const auto refusal = [&] {
    const auto release = pay(ledger);
    return release.has_value() ? Errc::cancelled : release.error().code;
  };
  source_.sequences.push_back(hash_of(10));
  EXPECT_EQ(refusal(), Errc::mismatch);
  source_.sequences.clear();
  EXPECT_EQ(refusal(), Errc::out_of_range);
  source_.sequences = {hash_of(1)};
  terms_.delta = 1.0;
  EXPECT_EQ(refusal(), Errc::out_of_range);
  terms_.delta = 1e-5;
  terms_.budget = 0;
  EXPECT_EQ(refusal(), Errc::out_of_range);
  terms_.budget = 20;
  params_.noise_multiplier = 0;
  EXPECT_EQ(refusal(), Errc::out_of_range);
  EXPECT_TRUE(ledger.rows().empty());
}

using EmbeddingReleaseDeathTest = EmbeddingReleaseTest;

TEST_F(EmbeddingReleaseDeathTest, GivesNothingThatWasNotPaidFor) {
  Ledger ledger = open_or_die();
  const EmbeddingRelease release = pay_or_die(ledger);
  EXPECT_DEATH(static_cast<void>(release.matrix(hash_of(99), clean_.view())), "not paid for");
}

}  // namespace
}  // namespace hippocrypt::privacy
