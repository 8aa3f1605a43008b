// The security table against the estimator's output (../shared/golden/lwe_security.csv).

#include "crypto/core/security.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "crypto/core/params.hpp"
#include "crypto/core/sampler.hpp"
#include "tests/privacy/golden.hpp"

namespace hippocrypt::crypto {
namespace {

using privacy::GoldenRow;
using privacy::number;

bool is_same_problem(const SecurityEntry& entry, const GoldenRow& row) {
  const bool is_ring = entry.scheme == Scheme::ring;
  return number(row, "n") == static_cast<double>(entry.dimension) &&
         std::fabs(number(row, "log2q") - entry.log2_modulus) < 1e-9 &&
         row.at("secret") == (is_ring ? "same" : "ter") && row.at("m") == "oo";
}

/// What the attack costs at the largest error that was estimated and is no larger than the entry's
/// (the cost grows with the error); infinity where it was never estimated.
double attack_bits(const SecurityEntry& entry, const std::vector<GoldenRow>& rows,
                   const std::string& attack) {
  double best_std = 0, bits = std::numeric_limits<double>::infinity();
  for (const GoldenRow& row : rows) {
    if (!is_same_problem(entry, row) || row.at(attack).empty()) continue;
    const double error_std = number(row, "sigma");
    if (error_std <= entry.error_std * (1 + 1e-6) && error_std > best_std) {
      best_std = error_std;
      bits = number(row, attack);
    }
  }
  return bits;
}

TEST(SecurityTest, EveryFigureIsTheEstimators) {
  const auto rows = privacy::read_golden("lwe_security.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  ASSERT_EQ(security_table().size(), 3U);
  for (const SecurityEntry& entry : security_table()) {
    SCOPED_TRACE(std::string{entry.name});
    double classical = std::numeric_limits<double>::infinity(), quantum = classical;
    for (const char* attack : {"usvp", "bdd", "bdd_hybrid", "dual", "dual_hybrid"}) {
      classical = std::min(classical, attack_bits(entry, rows, std::string{"matzov_"} + attack));
    }
    for (const char* attack : {"usvp", "bdd", "dual_hybrid"}) {
      quantum =
          std::min(quantum, attack_bits(entry, rows, std::string{"laamospol14_quantum_"} + attack));
    }
    EXPECT_DOUBLE_EQ(entry.classical_bits, classical);
    EXPECT_DOUBLE_EQ(entry.quantum_bits, quantum);
    EXPECT_GE(entry.classical_bits, 128);
  }
}

TEST(SecurityTest, RingSetsHaveTheErrorOfTheirBound) {
  for (const SecurityEntry& entry : security_table()) {
    if (entry.scheme != Scheme::ring) continue;
    EXPECT_NEAR(std::sqrt(tuniform_variance(entry.min_log_bound)), entry.error_std, 1e-4);
    EXPECT_NEAR(std::log2(modulus_q), entry.log2_modulus, 1e-4);
    EXPECT_GE(entry.quantum_bits, 128);
  }
}

TEST(SecurityTest, FindsTheSetThatCoversTheValues) {
  EXPECT_EQ(find_security(2048, 3)->name, "rlwe2048");
  EXPECT_EQ(find_security(2048, 8)->name, "rlwe2048");
  EXPECT_EQ(find_security(1024, 4)->name, "rlwe1024");
  EXPECT_EQ(find_security(1024, 0), nullptr) << "lwe1024 is no ring set";
  EXPECT_EQ(find_security(1024, 3), nullptr);
  EXPECT_EQ(find_security(2048, 9), nullptr);
  EXPECT_EQ(find_security(512, 8), nullptr);
}

}  // namespace
}  // namespace hippocrypt::crypto
