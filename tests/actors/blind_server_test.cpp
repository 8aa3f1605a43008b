// The blind server's actor: what gathers while it works is answered in one go.

#include "actors/blind_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <caf/all.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "actors/caf_transport.hpp"

namespace hippocrypt::actors {
namespace {

/// Echoes requests; keeps the size of every batch. The first batch waits until it is released.
class EchoService final : public protocol::FrameService {
 public:
  void answer_all(std::span<const ByteView> requests,
                  const Deliver& deliver) const noexcept override {
    std::unique_lock lock{mutex};
    batches.push_back(requests.size());
    changed.notify_all();
    changed.wait(lock, [this] { return released; });
    for (std::size_t i = 0; i < requests.size(); ++i) {
      deliver(i, SharedBytes{Bytes(requests[i].begin(), requests[i].end())});
    }
  }
  void wait_for_a_batch() const {
    std::unique_lock lock{mutex};
    changed.wait(lock, [this] { return !batches.empty(); });
  }
  void release() const {
    const std::scoped_lock lock{mutex};
    released = true;
    changed.notify_all();
  }

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  mutable std::vector<std::size_t> batches;
  mutable bool released = false;
};

struct Server {
  Server() : system{config}, actor{system.spawn<caf::detached>(blind_server, service)} {}
  ~Server() {
    service->release();
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
  std::shared_ptr<const EchoService> service = std::make_shared<const EchoService>();
  caf::actor_system_config config;
  caf::actor_system system;
  BlindServerActor actor;
};

const std::atomic<bool> never{false};

TEST(BlindServerActorTest, RequestsThatGatherAreAnsweredInOneGo) {
  Server server;
  CafTransport transport{server.system, server.actor, std::chrono::seconds{60}, never};
  std::vector<Result<SharedBytes>> replies(20, Error{Errc::unavailable, ""});
  std::vector<std::jthread> clients;
  const auto ask = [&](std::size_t i) {
    clients.emplace_back([&, i] {
      replies[i] = transport.exchange(SharedBytes{Bytes{static_cast<std::uint8_t>(i)}});
    });
  };
  ask(0);
  server.service->wait_for_a_batch();
  for (std::size_t i = 1; i < replies.size(); ++i) ask(i);
  std::this_thread::sleep_for(std::chrono::milliseconds{300});  // until all are in the mailbox
  server.service->release();
  clients.clear();
  for (std::size_t i = 0; i < replies.size(); ++i) {
    ASSERT_TRUE(replies[i]) << to_string(replies[i].error());
    EXPECT_TRUE(same_bytes(**replies[i], Bytes{static_cast<std::uint8_t>(i)}));
  }
  std::size_t sum = 0;
  for (const std::size_t size : server.service->batches) {
    EXPECT_LE(size, BlindServerState::max_batch);
    sum += size;
  }
  EXPECT_EQ(sum, replies.size());
  EXPECT_LT(server.service->batches.size(), replies.size());
}

TEST(BlindServerActorTest, WhoWaitsWhenItEndsIsTold) {
  Server server;
  CafTransport transport{server.system, server.actor, std::chrono::seconds{60}, never};
  Result<SharedBytes> first{Error{Errc::cancelled, ""}}, second = first;
  std::jthread one{[&] { first = transport.exchange(SharedBytes{Bytes{1}}); }};
  server.service->wait_for_a_batch();
  std::jthread two{[&] { second = transport.exchange(SharedBytes{Bytes{2}}); }};
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  caf::anon_send_exit(server.actor, caf::exit_reason::kill);
  server.service->release();
  one.join();
  two.join();
  EXPECT_TRUE(first) << "what was being computed is still delivered";
  if (!second) {
    EXPECT_EQ(second.error().code, Errc::unavailable);
  }
}

}  // namespace
}  // namespace hippocrypt::actors
