// Threads of the encrypted oracle change nothing that is sent or decrypted, and a timer hears of
// every phase.

#include <gtest/gtest.h>

#include <limits>
#include <mutex>

#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/client/oracle_rows.hpp"
#include "protocol/in_process_transport.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

using model::LinearGroup;
using model::LinearSite;
using test::random_matrix;
using test_support::SeededRandom;

const test::SmallModel& world() {
  static const test::SmallModel made = test::make_small_model();
  return made;
}

std::shared_ptr<const ServerSetup> setup() {
  return ServerSetup::parse(world().service->setup_frame(), world().params, world().config).value();
}

/// Keeps every request.
class KeepingTransport final : public ProductTransport {
 public:
  Result<SharedBytes> exchange(SharedBytes request) override {
    requests.emplace_back(request->begin(), request->end());
    return real_.exchange(std::move(request));
  }
  std::vector<Bytes> requests;

 private:
  InProcessTransport real_{world().service};
};

struct Outcome {
  std::vector<Bytes> requests;
  Matrix y, dx;
};

Outcome run(std::size_t tokens, std::size_t capacity, std::size_t threads) {
  KeepingTransport transport;
  SeededRandom random{5};
  EncryptedOracle oracle{
      setup(),
      transport,
      random,
      {.capacity_tokens = capacity, .tile_tokens = 32, .tiles_in_flight = 1, .threads = threads}};
  const LinearSite site{1, LinearGroup::gate_up};
  Matrix y = oracle.forward(site, random_matrix(48, tokens, 1)).value();
  Matrix dx = oracle.backward(site, random_matrix(80, tokens, 2)).value();
  return {std::move(transport.requests), std::move(y), std::move(dx)};
}

bool same(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::equal(a.values().begin(), a.values().end(), b.values().begin());
}

TEST(OracleThreadsTest, AnyNumberSendsTheSameBytesAndGetsTheSameProducts) {
  for (const std::size_t capacity : {0U, 64U}) {
    for (const std::size_t tokens : {1U, 16U, 45U}) {
      const Outcome one = run(tokens, capacity, 1);
      for (const std::size_t threads : {2U, 3U}) {
        SCOPED_TRACE(std::to_string(tokens) + " tokens, capacity " + std::to_string(capacity));
        const Outcome many = run(tokens, capacity, threads);
        EXPECT_EQ(one.requests, many.requests);
        EXPECT_TRUE(same(one.y, many.y));
        EXPECT_TRUE(same(one.dx, many.dx));
      }
    }
  }
}

TEST(OracleThreadsTest, ATimerHearsOfEveryPhase) {
  InProcessTransport transport{world().service};
  SeededRandom random{5};
  double now = 0;
  std::mutex mutex;
  PhaseTimer timer{[&] {
    const std::scoped_lock lock{mutex};
    return now += 1;
  }};
  EncryptedOracle oracle{
      setup(), transport, random, {.tile_tokens = 8, .threads = 2, .timer = &timer}};
  ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 20, 1)));
  const auto seconds = timer.seconds();
  EXPECT_EQ(seconds.size(), 3U);
  for (const char* const phase : {"encrypt", "product", "decrypt"}) {
    ASSERT_TRUE(seconds.contains(phase)) << phase;
    EXPECT_GE(seconds.at(phase), 3.0) << "three tiles";
  }
}

TEST(OracleRowsTest, FindNotANumberWhereverItIs) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (const std::size_t at : {0U, 7U, 69U}) {
      Matrix x = random_matrix(70, 5, 3);
      ASSERT_TRUE(check_finite(x, 2));
      ASSERT_TRUE(scaled_rows(x, std::vector<float>(70, 2.0F), 2));
      x(at, at % 5) = bad;
      EXPECT_EQ(check_finite(x, 2).error().code, Errc::not_finite);
      // Also in a row whose scale is zero.
      EXPECT_EQ(scaled_rows(x, std::vector<float>(70, 0.0F), 2).error().code, Errc::not_finite);
    }
  }
}

TEST(OracleRowsTest, RefuseAScaledRowThatOverflows) {
  Matrix x{2, 2};
  x(1, 1) = 3e38F;
  EXPECT_EQ(scaled_rows(x, std::vector<float>{1.0F, 2.0F}, 1).error().code, Errc::not_finite);
  const Matrix y = scaled_rows(x, std::vector<float>{1.0F, 0.5F}, 1).value();
  EXPECT_EQ(y(1, 1), 1.5e38F);
}

}  // namespace
}  // namespace hippocrypt::protocol
