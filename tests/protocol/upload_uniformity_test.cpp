// What the server sees must look like what the theory says: values round(U·2^24/q) mod 2^24 of a
// uniform U in [0, q), whatever the input is.

#include <gtest/gtest.h>

#include <array>

#include "protocol/client/encrypted_oracle.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

using Histogram = std::array<double, 256>;

/// Exact probabilities of the three bytes of round(U·2^24/q) mod 2^24. Value v has as many U as
/// there are integers in ((2v - 1)·q/2^25, (2v + 1)·q/2^25); q is odd, so no bound is an integer.
std::array<Histogram, 3> exact_probabilities() {
  constexpr std::uint64_t values = 1 << 24, q = crypto::modulus_q;
  std::array<Histogram, 3> out{};
  std::uint64_t below = 0;
  for (std::uint64_t v = 0; v <= values; ++v) {  // v = 2^24 is 0 again
    const std::uint64_t end = v == values ? q : ((2 * v + 1) * q >> 25) + 1;
    const double share = static_cast<double>(end - below) / static_cast<double>(q);
    for (unsigned byte = 0; byte < 3; ++byte) out[byte][v >> (8 * byte) & 255] += share;
    below = end;
  }
  return out;
}

double chi_square(const Histogram& counts, const Histogram& probabilities, double total) {
  double sum = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    const double expected = total * probabilities[i];
    sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  return sum;
}

TEST(UploadUniformityTest, UploadedBytesFollowTheRoundedUniformDistribution) {
  const auto world = test::make_small_model("rlwe2048");
  const auto setup =
      ServerSetup::parse(world.service->setup_frame(), world.params, world.config).value();
  const auto probabilities = exact_probabilities();
  for (const float value : {0.0F, 1.0F, -3e5F}) {  // inputs with as little entropy as can be
    test::RecordingTransport transport{world.service};
    test_support::SeededRandom random{77};
    EncryptedOracle oracle{setup, transport, random, {2048, 2048}};
    Matrix x{48, 2048};
    for (float& entry : x.values()) entry = value;
    for (const std::uint32_t block : {0U, 1U}) {
      ASSERT_TRUE(oracle.forward({block, model::LinearGroup::qkv}, x));
    }
    std::array<Histogram, 3> counts{};
    double total = 0;
    for (const SharedBytes& request : transport.requests) {
      const ByteView body = open_frame(*request).value().body;
      for (std::size_t i = 0; i < body.size(); ++i) counts[i % 3][body[i]] += 1;
      total += static_cast<double>(body.size()) / 3;
    }
    ASSERT_EQ(total, 2.0 * 48 * 2048);
    for (std::size_t byte = 0; byte < 3; ++byte) {
      // 255 degrees of freedom: mean 255, standard deviation 22.6; above 400 by chance with
      // probability 1e-8. The seed is fixed, so that the test does not fail by chance at all.
      EXPECT_LT(chi_square(counts[byte], probabilities[byte], total), 400) << byte;
      EXPECT_GT(chi_square(counts[byte], probabilities[byte], total), 140) << byte;
    }
  }
}

}  // namespace
}  // namespace hippocrypt::protocol
