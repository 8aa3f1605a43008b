#include <gtest/gtest.h>

#include <array>
#include <map>
#include <type_traits>

#include "base/bytes.hpp"
#include "crypto/core/prng.hpp"
#include "crypto/core/sampler.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::crypto {
namespace {

/// Gives zeros and counts how many bytes were asked for.
class ZeroSource final : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> out) override {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    given += out.size();
  }
  std::size_t given = 0;
};

TEST(StreamRandomTest, IsAes256CounterModeFromZero) {
  // AES-256 of the all-zero block under the all-zero key (NIST SP 800-38A style known answer).
  ZeroSource source;
  StreamRandom stream{source};
  EXPECT_EQ(source.given, 32U);
  std::array<std::uint8_t, 16> block{};
  block.fill(9);  // what was there must not matter
  stream.fill(block);
  EXPECT_EQ(to_hex(block), "dc95c078a2408989ad48a21492842087");
}

TEST(StreamRandomTest, AKeyGivesWhatASourceOfItsBytesGives) {
  std::array<std::uint8_t, StreamRandom::key_bytes> key{};
  test_support::SeededRandom{5}.fill(key);
  test_support::SeededRandom source{5};
  StreamRandom of_key{key}, of_source{source};
  EXPECT_EQ(of_key.next_u64(), of_source.next_u64());
}

TEST(StreamRandomTest, PiecesAreOneStream) {
  ZeroSource source;
  StreamRandom whole{source}, pieces{source};
  std::array<std::uint8_t, 1000> a{}, b{};
  whole.fill(a);
  const std::span<std::uint8_t> out{b};
  pieces.fill(out.first(0));
  pieces.fill(out.first(7));
  pieces.fill(out.subspan(7, 500));
  pieces.fill(out.subspan(507));
  EXPECT_EQ(a, b);
}

TEST(StreamRandomTest, StreamsOfOneSourceDiffer) {
  test_support::SeededRandom source{1};
  StreamRandom a{source}, b{source};
  EXPECT_NE(a.next_u64(), b.next_u64());
  static_assert(!std::is_copy_constructible_v<StreamRandom>);
}

TEST(SamplerTest, BitsMapToTheExactDistribution) {
  for (unsigned log_bound = 0; log_bound <= 8; ++log_bound) {
    const std::int32_t bound = 1 << log_bound;
    std::map<std::int32_t, int> counts;
    for (std::uint32_t bits = 0; bits < 1U << (log_bound + 2); ++bits) {
      ++counts[tuniform_from_bits(bits, log_bound)];
    }
    ASSERT_EQ(counts.size(), static_cast<std::size_t>(2 * bound + 1));
    double variance = 0;
    for (const auto& [value, count] : counts) {
      EXPECT_EQ(count, value == -bound || value == bound ? 1 : 2);
      variance += static_cast<double>(value) * value * count / (4 * bound);
    }
    EXPECT_DOUBLE_EQ(variance, tuniform_variance(log_bound));
    EXPECT_EQ(tuniform_from_bits(0xFFFFFFFFU, log_bound), bound);  // higher bits are ignored
  }
}

TEST(SamplerTest, FillsFromTheBytesOfTheSource) {
  for (const unsigned log_bound : {3U, 4U, 6U, 7U, 8U}) {
    test_support::SeededRandom source{5}, copy{5};
    std::vector<std::int16_t> samples(10000);
    sample_tuniform(source, log_bound, samples);
    for (const std::int16_t sample : samples) {
      std::array<std::uint8_t, 2> raw{};
      copy.fill(std::span{raw}.first(log_bound <= 6 ? 1 : 2));
      const auto bits = static_cast<std::uint32_t>(raw[0] | raw[1] << 8);
      ASSERT_EQ(sample, tuniform_from_bits(bits, log_bound));
    }
  }
}

}  // namespace
}  // namespace hippocrypt::crypto
