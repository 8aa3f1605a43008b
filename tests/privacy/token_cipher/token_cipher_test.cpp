#include "privacy/token_cipher/token_cipher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

using test_support::SeededRandom;

SecretBytes key_of(std::uint64_t seed) {
  SecretBytes key{cipher_key_bytes};
  SeededRandom random{seed};
  random.fill(key.reveal());
  return key;
}

TokenCipher cipher_of(const CipherPlan& plan, std::uint64_t seed) {
  const SecretBytes key = key_of(seed);
  return TokenCipher::create(plan, key.reveal()).value();
}

std::vector<CipherToken> any_text(std::size_t vocabulary, std::size_t size) {
  SeededSequence sequence{1, "text"};
  std::vector<CipherToken> text(size);
  for (auto& token : text) token = static_cast<CipherToken>(sequence.below(vocabulary));
  return text;
}

TEST(TokenCipherTest, PermutationIsOneToOneAndKeepsFixedIds) {
  const TokenCipher cipher = cipher_of(permutation_plan(1000, {7, 0, 999}), 1);
  SeededRandom random{2};
  std::vector<CipherToken> all(1000);
  std::iota(all.begin(), all.end(), 0U);
  auto image = cipher.encode(all, random).value();
  for (const CipherToken fixed : {0U, 7U, 999U}) EXPECT_EQ(image[fixed], fixed);
  std::size_t unmoved = 0;
  for (std::size_t i = 0; i < all.size(); ++i) unmoved += image[i] == all[i] ? 1U : 0U;
  EXPECT_LT(unmoved, 3U + 12U);  // one more than the fixed ones is expected
  std::sort(image.begin(), image.end());
  EXPECT_EQ(image, all);
}

TEST(TokenCipherTest, DecodingIsExactInBothVariants) {
  std::vector<std::uint64_t> frequencies(300);
  for (std::size_t i = 0; i < frequencies.size(); ++i) frequencies[i] = 100'000 / (i + 1);
  const auto homophonic = homophonic_plan(frequencies, 900, {0, 1}).value();
  const auto text = any_text(300, 20'000);
  for (const CipherPlan& plan : {permutation_plan(300, {0, 1}), homophonic}) {
    const TokenCipher cipher = cipher_of(plan, 3);
    SeededRandom random{4};
    const auto ciphered = cipher.encode(text, random).value();
    EXPECT_NE(ciphered, text);
    EXPECT_EQ(cipher.decode(ciphered).value(), text);
  }
}

TEST(TokenCipherTest, AnotherKeyDecodesToSomethingElse) {
  const CipherPlan plan = permutation_plan(300, {});
  SeededRandom random{4};
  const auto text = any_text(300, 1000);
  const auto ciphered = cipher_of(plan, 1).encode(text, random).value();
  EXPECT_NE(cipher_of(plan, 2).decode(ciphered).value(), text);
}

// Chi-square over the 24 orders of 4 ids, 23 degrees of freedom: above 58.6 with probability 6e-5
// were every order equally likely. The seeds are fixed.
TEST(TokenCipherTest, EveryPermutationIsEquallyLikely) {
  std::map<std::vector<CipherToken>, int> seen;
  constexpr int keys = 24'000;
  for (int seed = 0; seed < keys; ++seed) {
    const TokenCipher cipher =
        cipher_of(permutation_plan(5, {2}), static_cast<std::uint64_t>(seed));
    ++seen[{cipher.plain_of().begin(), cipher.plain_of().end()}];
  }
  ASSERT_EQ(seen.size(), 24U);
  double chi_square = 0;
  for (const auto& [order, count] : seen) chi_square += (count - 1000.0) * (count - 1000.0) / 1000;
  EXPECT_LT(chi_square, 58.6);
}

TEST(TokenCipherTest, HomophonesFollowFrequenciesAndFlattenThem) {
  const std::vector<std::uint64_t> frequencies{1000, 600, 200, 0, 200};
  const CipherPlan plan = homophonic_plan(frequencies, 25, {3}).value();
  EXPECT_EQ(plan.cipher_vocabulary(), 25U);
  EXPECT_EQ(plan.homophones, (std::vector<std::uint32_t>{12, 7, 2, 1, 3}));
  // 100 times the text of these frequencies: no substitute comes much more often than another.
  const TokenCipher cipher = cipher_of(plan, 5);
  std::vector<CipherToken> text;
  for (std::size_t id = 0; id < frequencies.size(); ++id) {
    text.insert(text.end(), 100 * frequencies[id], static_cast<CipherToken>(id));
  }
  SeededRandom random{6};
  std::vector<double> counts(cipher.cipher_vocabulary());
  const auto ciphered = cipher.encode(text, random).value();
  for (const CipherToken id : ciphered) ++counts[id];
  for (std::size_t id = 0; id < counts.size(); ++id) {
    if (id == 3) continue;
    EXPECT_GT(counts[id], 6000) << id;
    EXPECT_LT(counts[id], 10'500) << id;
  }
}

TEST(TokenCipherTest, RefusesWhatCannotBe) {
  const SecretBytes key = key_of(1);
  const auto refused = [&](const CipherPlan& plan) {
    const auto cipher = TokenCipher::create(plan, key.reveal());
    ASSERT_FALSE(cipher.has_value());
    EXPECT_EQ(cipher.error().code, Errc::out_of_range);
  };
  refused({{}, {}});
  refused({{}, {1, 0}});
  refused({{2}, {1, 1}});
  refused({{1, 0}, {1, 1}});
  refused({{0}, {2, 1}});
  refused({{}, {max_cipher_vocabulary + 1}});
  const std::vector<std::uint64_t> frequencies{1, 1, 1};
  EXPECT_EQ(homophonic_plan(frequencies, 2, {}).error().code, Errc::out_of_range);
  EXPECT_EQ(homophonic_plan(frequencies, 6, {3}).error().code, Errc::out_of_range);
  const TokenCipher cipher = cipher_of(permutation_plan(3, {}), 1);
  SeededRandom random{1};
  EXPECT_EQ(cipher.encode(std::vector<CipherToken>{3}, random).error().code, Errc::out_of_range);
  EXPECT_EQ(cipher.decode(std::vector<CipherToken>{3}).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::privacy
