// Several exchanges under way at once: what overlaps, what order may not change, what a failure
// leaves behind.

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>

#include "protocol/client/encrypted_oracle.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
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

constexpr LinearSite site{0, LinearGroup::gate_up};

/// Holds every reply back until `together` exchanges are under way, so that a client which does not
/// send them at once never gets on (it gives up after a while).
class GatheringTransport final : public ProductTransport {
 public:
  explicit GatheringTransport(int together) : real_{world().service}, together_{together} {}

  Result<SharedBytes> exchange(SharedBytes request) override {
    std::unique_lock lock{mutex_};
    most = std::max(most, ++under_way_);
    changed_.notify_all();
    const bool gathered =
        changed_.wait_for(lock, std::chrono::seconds{20}, [this] { return most >= together_; });
    lock.unlock();
    Result<SharedBytes> reply = real_.exchange(std::move(request));
    lock.lock();
    --under_way_;
    if (!gathered) return Error{Errc::cancelled, "nobody else came"};
    return reply;
  }

  int most = 0;  ///< exchanges under way at once

 private:
  InProcessTransport real_;
  const int together_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int under_way_ = 0;
};

TEST(TilesInFlightTest, AsManyAsAllowedAreUnderWayAtOnce) {
  for (const int tiles : {1, 2, 3}) {
    GatheringTransport transport{tiles};
    SeededRandom random{1};
    EncryptedOracle oracle{setup(),
                           transport,
                           random,
                           {.capacity_tokens = 40,
                            .tile_tokens = 8,
                            .tiles_in_flight = static_cast<std::size_t>(tiles)}};
    ASSERT_TRUE(oracle.forward(site, random_matrix(48, 33, 1)));
    EXPECT_EQ(transport.most, tiles);
    EXPECT_EQ(oracle.requests(), 5U);
  }
}

TEST(TilesInFlightTest, TheProductDoesNotDependOnTheirNumber) {
  const Matrix x = random_matrix(48, 61, 2), dy = random_matrix(80, 61, 3);
  const auto products = [&](std::size_t tiles) {
    test::RecordingTransport transport{world().service};
    SeededRandom random{7};
    EncryptedOracle oracle{
        setup(), transport, random, {.tile_tokens = 8, .tiles_in_flight = tiles}};
    std::pair result{oracle.forward(site, x).value(), oracle.backward(site, dy).value()};
    EXPECT_EQ(oracle.requests(), 16U);
    return result;
  };
  const auto [y, dx] = products(1);
  for (const std::size_t tiles : {2U, 3U, 16U}) {
    const auto [other_y, other_dx] = products(tiles);
    EXPECT_TRUE(std::equal(y.values().begin(), y.values().end(), other_y.values().begin()));
    EXPECT_TRUE(std::equal(dx.values().begin(), dx.values().end(), other_dx.values().begin()));
  }
}

TEST(TilesInFlightTest, AFailureWaitsForWhatIsUnderWayAndTheNextCallWorks) {
  std::atomic<int> under_way{0};
  std::atomic<bool> broken{true};
  test::RecordingTransport transport{
      world().service, [&](std::size_t i, const SharedBytes& reply) -> Result<SharedBytes> {
        ++under_way;
        std::this_thread::sleep_for(std::chrono::milliseconds{i % 3 * 10});
        --under_way;
        if (broken && i % 3 == 1) return Error{Errc::cancelled, "stopped"};
        return reply;
      }};
  SeededRandom random{1};
  EncryptedOracle oracle{setup(), transport, random, {.tile_tokens = 8, .tiles_in_flight = 3}};
  const Matrix x = random_matrix(48, 40, 1);
  const auto failed = oracle.forward(site, x);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::cancelled);
  EXPECT_EQ(under_way, 0);
  broken = false;
  EXPECT_TRUE(oracle.forward(site, x));
}

}  // namespace
}  // namespace hippocrypt::protocol
