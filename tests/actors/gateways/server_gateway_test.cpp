// A hospital's oracle through gateway, link and ingress to a blind server, and what the oracle sees
// when they fail.

#include "actors/gateways/server_gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <caf/all.hpp>
#include <thread>

#include "actors/blind_server.hpp"
#include "actors/caf_transport.hpp"
#include "actors/gateways/product_ingress.hpp"
#include "tests/actors/blind_products.hpp"
#include "tests/support/fake_link.hpp"

namespace hippocrypt::actors {
namespace {

using namespace std::chrono_literals;
using protocol::BlockRange;
using test_support::FakeEnd;
using test_support::FakeLinks;
using test_support::peer_info;
using ::testing::Contains;
using ::testing::HasSubstr;

const std::atomic<bool> never{false};

/// Sees the requests of another service, and can hold them up.
class WatchedService final : public protocol::FrameService {
 public:
  explicit WatchedService(std::shared_ptr<const protocol::FrameService> real)
      : real_{std::move(real)} {}
  void answer_all(std::span<const ByteView> requests,
                  const Deliver& deliver) const noexcept override {
    {
      std::unique_lock lock{mutex};
      for (const ByteView request : requests) seen.push_back(sha256(request));
      changed.notify_all();
      changed.wait(lock, [this] { return !is_held; });
    }
    real_->answer_all(requests, deliver);
  }
  /// How many it has seen by then.
  std::size_t hold(bool now) const {
    const std::scoped_lock lock{mutex};
    is_held = now;
    changed.notify_all();
    return seen.size();
  }
  void wait_for(std::size_t count) const {
    std::unique_lock lock{mutex};
    ASSERT_TRUE(changed.wait_for(lock, 20s, [&] { return seen.size() >= count; }));
  }

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  mutable std::vector<Hash256> seen;
  mutable bool is_held = false;

 private:
  const std::shared_ptr<const protocol::FrameService> real_;
};

/// A server's process: its actor system, blind server and ingress.
struct ServerMachine {
  explicit ServerMachine(std::shared_ptr<const protocol::FrameService> service)
      : system{config}, blind{system.spawn<caf::detached>(blind_server, std::move(service))} {
    ingress = system.spawn(product_ingress,
                           std::make_shared<IngressOptions>(IngressOptions{blind, 32, {}, {}}));
  }
  ~ServerMachine() {
    caf::anon_send_exit(ingress, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(blind, caf::exit_reason::user_shutdown);
  }
  caf::actor_system_config config;
  caf::actor_system system;
  BlindServerActor blind;
  ProductIngressActor ingress;
};

/// A hospital's process.
struct HospitalMachine {
  explicit HospitalMachine(std::vector<ServerRoutes::Server> servers,
                           std::chrono::milliseconds deadline = 60s)
      : system{config},
        gateway{system.spawn(server_gateway,
                             std::make_shared<ServerRoutes::Options>(
                                 ServerRoutes::Options{std::move(servers), deadline, 8, {}}))},
        transport{system, gateway, 60s, never} {}
  ~HospitalMachine() { caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown); }

  std::unique_ptr<FakeLinks> connect(std::size_t line, const ServerMachine& server) {
    return std::make_unique<FakeLinks>(FakeEnd{peer_info(net::Role::server, "products"),
                                               std::make_shared<LinkRelay>(gateway, line)},
                                       FakeEnd{peer_info(net::Role::hospital, "anna"),
                                               std::make_shared<LinkRelay>(server.ingress)});
  }

  caf::actor_system_config config;
  caf::actor_system system;
  ServerGatewayActor gateway;
  CafTransport transport;
};

TEST(ServerGatewayTest, ProductsAreThoseOfTheSameProcessToTheLastBit) {
  const ServerMachine server{service_of({})};
  HospitalMachine hospital{{{"one:1", {}}}};
  const auto link = hospital.connect(0, server);
  expect_same_as_in_process(products(hospital.transport));
}

TEST(ServerGatewayTest, TwoServersOfHalfTheBlocksGiveTheSame) {
  const ServerMachine low{service_of({0, 0})}, high{service_of({1, 1})};
  HospitalMachine hospital{{{"low:1", {0, 0}}, {"high:1", {1, 1}}}};
  const auto to_low = hospital.connect(0, low), to_high = hospital.connect(1, high);
  expect_same_as_in_process(products(hospital.transport));
}

TEST(ServerGatewayTest, AServerThatDiesInTheMiddleIsAskedAgainWithTheSameBytes) {
  const auto first = std::make_shared<const WatchedService>(service_of({}));
  const auto second = std::make_shared<const WatchedService>(service_of({}));
  HospitalMachine hospital{{{"one:1", {}}}};
  auto before = std::make_unique<ServerMachine>(first);
  auto link = hospital.connect(0, *before);
  Result<std::vector<Matrix>> got{Error{Errc::unavailable, ""}};
  std::jthread training{[&] { got = products(hospital.transport); }};
  first->wait_for(9);
  first->wait_for(first->hold(true) + 1);
  link->end({Errc::unavailable, "the server was killed"});
  const ServerMachine after{second};
  const auto again = hospital.connect(0, after);
  training.join();
  expect_same_as_in_process(got);
  // What was not answered came again, to the last bit.
  EXPECT_THAT(second->seen, Contains(first->seen.back()));
  first->hold(false);
}

TEST(ServerGatewayTest, AServerThatStaysAwayIsNamedAfterTheDeadline) {
  HospitalMachine hospital{{{"products.example:8443", {}}}, 600ms};
  const auto began = std::chrono::steady_clock::now();
  const auto got = products(hospital.transport);
  EXPECT_GE(std::chrono::steady_clock::now() - began, 600ms);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unavailable);
  EXPECT_THAT(got.error().detail,
              HasSubstr("the blind server products.example:8443 (all blocks) has not been "
                        "reachable for 0 s: not reached yet"));
}

TEST(ServerGatewayTest, WhoWaitsWhenItEndsIsTold) {
  HospitalMachine hospital{{{"one:1", {}}}};
  Result<std::vector<Matrix>> got{Error{Errc::cancelled, ""}};
  std::jthread training{[&] { got = products(hospital.transport); }};
  std::this_thread::sleep_for(50ms);  // either way it is told
  caf::anon_send_exit(hospital.gateway, caf::exit_reason::user_shutdown);
  training.join();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace hippocrypt::actors
