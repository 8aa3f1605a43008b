// 20 and 12 bits a value instead of 24 and 16: what they save on the wire, to the byte, and what
// they cost in accuracy.

#include <gtest/gtest.h>

#include <cmath>

#include "model/plain_oracle.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

using model::LinearGroup;

constexpr std::size_t tokens = 1024;  // of one tile

struct Format {
  crypto::WireFormat wire;
  double up_bytes, down_bytes;  ///< a value
  double most_noise;            ///< over the signal: crypto/README.md, for in = 576
};

constexpr Format formats[] = {{{24, 16}, 3, 2, 0.96e-3},
                              {{24, 12}, 3, 1.5, 3.7e-3},
                              {{20, 16}, 2.5, 2, 14e-3},
                              {{20, 12}, 2.5, 1.5, 14e-3}};

double distance(const Matrix& got, const Matrix& want) {
  double difference = 0, signal = 0;
  for (std::size_t i = 0; i < want.rows(); ++i) {
    for (std::size_t t = 0; t < want.cols(); ++t) {
      difference += std::pow(double{got(i, t)} - double{want(i, t)}, 2);
      signal += std::pow(double{want(i, t)}, 2);
    }
  }
  return std::sqrt(difference / signal);
}

/// A forward product of the last block: its noise over the signal.
double product_noise(const Format& format) {
  const auto model = test::make_small_model("rlwe1024", test::small_literal(), format.wire);
  test::RecordingTransport transport{model.service};
  const auto setup =
      ServerSetup::parse(model.service->setup_frame(), model.params, model.config).value();
  test_support::SeededRandom random{1};
  EncryptedOracle oracle{setup, transport, random, {tokens, tokens}};
  const model::LinearSite site{1, LinearGroup::gate_up};
  const Matrix x = test::random_matrix(model.config.in_features(site.group), tokens, 1);
  const auto y = oracle.forward(site, x);
  EXPECT_TRUE(y);
  const auto in = static_cast<double>(x.rows()), out = static_cast<double>(y->rows());
  const auto& request = *transport.requests.at(0);
  const auto body = static_cast<double>(open_frame(request).value().body.size());
  EXPECT_EQ(body, in * tokens * format.up_bytes);
  EXPECT_EQ(oracle.bytes_up(), request.size());
  const double down = out * tokens * format.down_bytes;
  EXPECT_GE(static_cast<double>(oracle.bytes_down()), down);
  EXPECT_LE(static_cast<double>(oracle.bytes_down()), down + 256) << "more than an envelope";
  auto plain = model::PlainInt8Oracle::create(model.base).value();
  return distance(*y, plain.forward(site, x).value());
}

TEST(NarrowValuesTest, SaveWhatTheySayAndCostWhatTheReadmeSays) {
  double before = 0;
  for (const Format& format : formats) {
    const double noise = product_noise(format);
    std::printf("%u bits up, %u down: noise over signal %.2e\n", format.wire.upload_bits,
                format.wire.download_bits, noise);
    EXPECT_GT(noise, 0);
    EXPECT_LT(noise, format.most_noise)
        << format.wire.upload_bits << ' ' << format.wire.download_bits;
    const bool is_other_download_only = format.wire == crypto::WireFormat{20, 12};
    if (!is_other_download_only) {
      EXPECT_GT(noise, before) << "fewer bits are more noise";
    }
    before = noise;
  }
}

}  // namespace
}  // namespace hippocrypt::protocol
