// Everything that the blind server receives from a hospital that trains: uniform to look at, never
// the same twice, and of a length that the data cannot change.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>

#include "base/random.hpp"
#include "crypto/core/params.hpp"
#include "federation/client/hospital.hpp"
#include "model/model_fingerprint.hpp"
#include "protocol/core/messages.hpp"
#include "protocol/in_process_transport.hpp"
#include "protocol/server/product_service.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinyFederation;

std::shared_ptr<const protocol::ProductService> make_service(const FederationConfig& config) {
  const auto model = model::load_model_folder(config.model.path).value();
  crypto::MaskNonce nonce;
  SystemRandom{}.fill(nonce);
  return protocol::ProductService::create(
             model.config, model.base, model::model_fingerprint(model.config, model.base),
             crypto::Params::named(config.encryption.params).value(), nonce, 1)
      .value();
}

/// Keeps the bodies of all product requests on their way to the server.
class RecordingTransport final : public protocol::ProductTransport {
 public:
  explicit RecordingTransport(std::shared_ptr<const protocol::ProductService> service)
      : inner_{std::move(service)} {}
  Result<SharedBytes> exchange(SharedBytes request) override {
    const auto frame = protocol::open_frame(*request).value();
    if (frame.type == protocol::MessageType::product_request) {
      const std::scoped_lock lock{*mutex_};  // several tiles are in flight
      frame_sizes.push_back(request->size());
      bodies.insert(bodies.end(), frame.body.begin(), frame.body.end());
    }
    return inner_.exchange(std::move(request));
  }
  std::vector<std::size_t> frame_sizes;
  Bytes bodies;

 private:
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
  protocol::InProcessTransport inner_;
};

/// One round of the hospital `index`; what the server saw of it.
RecordingTransport observe(const TinyFederation& tiny,
                           std::shared_ptr<const protocol::ProductService> service,
                           std::size_t index, const std::string& run) {
  RecordingTransport transport{std::move(service)};
  HospitalOptions options;
  options.config = std::make_shared<const FederationConfig>(tiny.config);
  options.index = index;
  options.run = run;
  options.ledger = tiny.folder() / (run + std::to_string(index) + ".sqlite");
  auto hospital = Hospital::create(options, &transport).value();
  EXPECT_TRUE(hospital->measure_start());
  const auto model = model::load_model_folder(tiny.config.model.path).value();
  RoundStart start{1, 1, {}};
  start.values.resize(4 * 2 *
                      (32 + 16 + 16 + 32 + 48 + 48 + 32));  // rank 4, two blocks, B of all targets
  const std::atomic<bool> stop{false};
  const Update update = hospital->train(start, stop, [](const StepReport&) {});
  EXPECT_EQ(update.status, UpdateStatus::contributed) << update.reason;
  return transport;
}

std::vector<std::uint32_t> values_of(const Bytes& bodies) {
  std::vector<std::uint32_t> values(bodies.size() / 3);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = bodies[3 * i] | bodies[3 * i + 1] << 8 | bodies[3 * i + 2] << 16;
  }
  return values;
}

/// P[round(U·2^24/q) mod 2^24 has its top byte equal to b], U uniform in [0, q): counted exactly
/// from the smallest U that rounds to b·2^16.
std::array<double, 256> top_byte_probability() {
  const std::uint64_t q = crypto::modulus_q;
  const auto first = [q](std::uint64_t v) {  // smallest U with round(U·2^24/q) >= v
    return v == 0 ? 0 : ((2 * v - 1) * q + (1ULL << 25) - 1) >> 25;
  };
  std::array<double, 256> probability{};
  for (std::uint64_t b = 0; b < 256; ++b) {
    std::uint64_t count = first((b + 1) << 16) - first(b << 16);
    if (b == 0) count += q - first(1ULL << 24);  // these round up to 2^24, which is 0
    if (b == 255) count = first(1ULL << 24) - first(255ULL << 16);
    probability[b] = static_cast<double>(count) / static_cast<double>(q);
  }
  return probability;
}

double chi_square(const std::array<double, 256>& counts, const std::array<double, 256>& probability,
                  double total) {
  double sum = 0;
  for (std::size_t b = 0; b < 256; ++b) {
    const double expected = total * probability[b];
    sum += (counts[b] - expected) * (counts[b] - expected) / expected;
  }
  return sum;
}

/// Chi-square with 255 degrees of freedom exceeds 400 with a probability of 1.4e-8.
constexpr double chi_square_limit = 400;

TEST(ServerViewTest, EveryUploadedValueLooksUniform) {
  const TinyFederation tiny{"server_view_uniform"};
  const auto seen = observe(tiny, make_service(tiny.config), 0, "uniform");
  const auto values = values_of(seen.bodies);
  ASSERT_GT(values.size(), 500'000U);
  std::array<double, 256> top{}, middle{}, low{}, flat{};
  for (const std::uint32_t value : values) {
    ++top[value >> 16];
    ++middle[value >> 8 & 255];
    ++low[value & 255];
  }
  flat.fill(1.0 /
            256);  // of the lower bytes, to within 2^-22: far below what these counts can show
  const auto total = static_cast<double>(values.size());
  EXPECT_LT(chi_square(top, top_byte_probability(), total), chi_square_limit);
  EXPECT_LT(chi_square(middle, flat, total), chi_square_limit);
  EXPECT_LT(chi_square(low, flat, total), chi_square_limit);
}

TEST(ServerViewTest, TheSameTilesAreNeverEncryptedAlike) {
  TinyFederation tiny{"server_view_fresh"};
  tiny.config.privacy.noise_multiplier = 0;
  const auto service = make_service(tiny.config);
  const auto first = values_of(observe(tiny, service, 0, "a").bodies);
  const auto second = values_of(observe(tiny, service, 0, "b").bodies);
  ASSERT_EQ(first.size(), second.size());
  std::size_t equal = 0;
  for (std::size_t i = 0; i < first.size(); ++i) equal += first[i] == second[i];
  // By chance: size/2^24 < 1, Poisson; more than 12 has a probability below 1e-10.
  ASSERT_LT(first.size(), std::size_t{1} << 24);
  EXPECT_LE(equal, 12U);
}

TEST(ServerViewTest, LengthsDoNotDependOnTheData) {
  TinyFederation tiny{"server_view_lengths"};
  const auto service = make_service(tiny.config);
  const auto cardiology = observe(tiny, service, 0, "x");
  const auto oncology = observe(tiny, service, 1, "x");
  EXPECT_EQ(cardiology.frame_sizes, oncology.frame_sizes);
  tiny.config.privacy.sampling_rate = 1e-6;  // empty lots
  const auto empty = observe(tiny, service, 2, "y");
  EXPECT_EQ(cardiology.frame_sizes, empty.frame_sizes);
}

TEST(ServerViewTest, EveryPassOfAStepIsSentWhetherItHoldsALotOrNot) {
  TinyFederation tiny{"server_view_accumulate"};
  tiny.config.encryption.train_tiles = 1;
  tiny.config.training.accumulate = 4;
  tiny.config.privacy.noise_multiplier = 0;
  tiny.config.privacy.sampling_rate = 0.6;  // about 750 tokens: two passes
  const auto service = make_service(tiny.config);
  const auto full = observe(tiny, service, 0, "x");
  tiny.config.privacy.sampling_rate = 1e-6;  // empty lots
  const auto empty = observe(tiny, service, 2, "y");
  EXPECT_EQ(full.frame_sizes, empty.frame_sizes);
  // Two steps of four passes of 4 forward and 4 backward products a block, one fewer in the first,
  // after one evaluation of 4 products a block.
  EXPECT_EQ(full.frame_sizes.size(), 2U * 4U * 15U + 8U);
}

TEST(ServerViewTest, TopGradientSendsNoBackwardProduct) {
  TinyFederation tiny{"server_view_top_gradient"};
  tiny.config.training.backprop = Backprop::top_gradient;
  const auto seen = observe(tiny, make_service(tiny.config), 0, "x");
  // Four tiles a product: two steps of 4 products a block; the evaluation sends one.
  EXPECT_EQ(seen.frame_sizes.size(), 2U * 4U * 8U + 8U);
}

}  // namespace
}  // namespace hippocrypt::federation
