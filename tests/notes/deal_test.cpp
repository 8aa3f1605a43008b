#include "notes/deal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace hippocrypt::notes {
namespace {

/// `count` patients of each label in file 0, a fifth of them held out.
std::vector<DealtPatient> pool(std::size_t count, std::size_t labels = 4) {
  std::vector<DealtPatient> patients;
  for (std::size_t label = 0; label < labels; ++label) {
    for (std::size_t i = 0; i < count; ++i) {
      patients.push_back({0, std::string(1, static_cast<char>('a' + label)), i % 5 == 0});
    }
  }
  return patients;
}

std::vector<HandRequest> requests(std::size_t count, std::size_t train, double skew) {
  std::vector<HandRequest> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({"h" + std::to_string(i), {0}, train, 2, skew});
  }
  return out;
}

/// Largest share of one label in the hand, on average over the hands.
double mean_largest_share(const std::vector<Hand>& hands,
                          const std::vector<DealtPatient>& patients) {
  double sum = 0;
  for (const Hand& hand : hands) {
    std::map<std::string, double> counts;
    for (const std::size_t i : hand.train) ++counts[patients[i].label];
    double largest = 0;
    for (const auto& [label, count] : counts) largest = std::max(largest, count);
    sum += largest / static_cast<double>(hand.train.size());
  }
  return sum / static_cast<double>(hands.size());
}

TEST(DealTest, HandsHaveTheirSizesAndShareNobody) {
  const auto patients = pool(100);
  const auto hands = deal_patients(patients, requests(10, 30, 0.5), 7).value();
  ASSERT_EQ(hands.size(), 10U);
  std::set<std::size_t> seen;
  for (const Hand& hand : hands) {
    EXPECT_EQ(hand.train.size(), 30U);
    EXPECT_EQ(hand.heldout.size(), 2U);
    for (const std::size_t i : hand.train) {
      EXPECT_FALSE(patients[i].is_heldout);
      EXPECT_TRUE(seen.insert(i).second) << i;
    }
    for (const std::size_t i : hand.heldout) {
      EXPECT_TRUE(patients[i].is_heldout);
      EXPECT_TRUE(seen.insert(i).second) << i;
    }
  }
}

TEST(DealTest, FollowsFromTheSeed) {
  const auto patients = pool(100);
  const auto deal = [&](std::uint64_t seed) {
    std::vector<std::vector<std::size_t>> out;
    const auto hands = deal_patients(patients, requests(5, 20, 1), seed).value();
    for (const auto& hand : hands) {
      out.push_back(hand.train);
    }
    return out;
  };
  EXPECT_EQ(deal(3), deal(3));
  EXPECT_NE(deal(3), deal(4));
}

TEST(DealTest, SkewRunsFromOneLabelToThePoolsShares) {
  const auto patients = pool(2000);
  const auto share = [&](double skew) {
    return mean_largest_share(deal_patients(patients, requests(40, 40, skew), 11).value(),
                              patients);
  };
  EXPECT_GT(share(1e-3), 0.97);
  const double infinite = share(std::numeric_limits<double>::infinity());
  EXPECT_LT(infinite, 0.45) << "four labels, by chance a little more than a quarter";
  EXPECT_NEAR(share(1e9), infinite, 0.03);
  const double medium = share(1);
  EXPECT_GT(medium, infinite + 0.1);
  EXPECT_LT(medium, 0.9);
}

TEST(DealTest, HeldoutPatientsFollowTheSameShares) {
  const auto patients = pool(2000);
  auto asked = requests(20, 40, 1e-3);
  for (auto& request : asked) request.heldout = 10;
  const auto hands = deal_patients(patients, asked, 5).value();
  for (const Hand& hand : hands) {
    const auto& label = patients[hand.train[20]].label;
    const auto same = std::count_if(hand.heldout.begin(), hand.heldout.end(),
                                    [&](std::size_t i) { return patients[i].label == label; });
    EXPECT_GE(same, 8);
  }
}

TEST(DealTest, TakesFromTheFilesThatWereNamed) {
  auto patients = pool(50);
  for (std::size_t i = 0; i < patients.size(); ++i) patients[i].file = i % 3;
  auto asked = requests(2, 20, 1);
  asked[0].files = {1};
  asked[1].files = {0, 2};
  const auto hands = deal_patients(patients, asked, 1).value();
  for (const std::size_t i : hands[0].train) EXPECT_EQ(patients[i].file, 1U);
  for (const std::size_t i : hands[1].train) EXPECT_NE(patients[i].file, 1U);
}

TEST(DealTest, WhatIsLeftIsDealtWhereALabelHasRunOut) {
  const auto patients = pool(10);  // 32 to train on, 8 held out
  const auto hands = deal_patients(patients, requests(4, 8, 1e-3), 2).value();
  for (const Hand& hand : hands) EXPECT_EQ(hand.train.size(), 8U);
}

TEST(DealTest, TooFewPatientsAreNamed) {
  const auto patients = pool(10);
  const auto train = deal_patients(patients, requests(4, 9, 1), 2);
  ASSERT_FALSE(train);
  EXPECT_EQ(train.error().code, Errc::out_of_range);
  EXPECT_NE(train.error().detail.find("is to get 9 patients to train on"), std::string::npos)
      << train.error().detail;
  const auto heldout = deal_patients(patients, requests(5, 5, 1), 2);
  ASSERT_FALSE(heldout);
  EXPECT_NE(heldout.error().detail.find("held out"), std::string::npos);
}

TEST(DirichletTest, MeansAndVariancesAreThoseOfTheDistribution) {
  SeededSequence random{1, "dirichlet"};
  const std::vector<double> alpha{0.2, 0.8, 3};
  constexpr double total = 4;
  constexpr int count = 20'000;
  std::vector<double> sum(3), squares(3);
  for (int i = 0; i < count; ++i) {
    const auto shares = draw_dirichlet(alpha, random);
    for (std::size_t k = 0; k < 3; ++k) {
      sum[k] += shares[k];
      squares[k] += shares[k] * shares[k];
    }
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const double mean = sum[k] / count;
    const double variance = squares[k] / count - mean * mean;
    const double p = alpha[k] / total;
    EXPECT_NEAR(mean, p, 0.006);
    EXPECT_NEAR(variance, p * (1 - p) / (total + 1), 0.003);
  }
}

TEST(DirichletTest, TinyConcentrationsGiveOneShareAndNoNaN) {
  SeededSequence random{1, "tiny"};
  for (int i = 0; i < 100; ++i) {
    const auto shares = draw_dirichlet({1e-12, 0, 1e-12}, random);
    EXPECT_NEAR(shares[0] + shares[2], 1, 1e-12);
    EXPECT_EQ(shares[1], 0);
    EXPECT_GT(std::max(shares[0], shares[2]), 0.999);
  }
}

}  // namespace
}  // namespace hippocrypt::notes
