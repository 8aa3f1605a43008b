// Blind servers that listen, and hospitals that reach them, over TLS on this
// machine.

#include "actors/processes/server_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <caf/all.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "actors/caf_transport.hpp"
#include "actors/gateways/link_messages.hpp"
#include "actors/gateways/server_connections.hpp"
#include "tests/actors/blind_products.hpp"
#include "tests/net/link/federation_rig.hpp"

namespace hippocrypt::actors {
namespace {

using namespace std::chrono_literals;
using net::Role;
using net::Study;
using protocol::BlockRange;
using ::testing::Contains;
using ::testing::HasSubstr;

const std::atomic<bool> never{false};

net::LinkLimits limits() {
  net::LinkLimits limits;
  limits.ping = 300ms;
  limits.resume = 60s;
  return limits;
}

/// run_server on a thread of its own.
class ServerThread {
 public:
  explicit ServerThread(Study& study, BlockRange blocks = {}, std::uint16_t port = 0,
                        const std::function<void(ServerProcessOptions&)>& change = {}) {
    options_.service = service_of(blocks);
    options_.listen.tls = study.files(Role::server, "products");
    options_.listen.address = "127.0.0.1";
    options_.listen.port = port;
    options_.listen.limits = limits();
    options_.hospitals = {"anna", "bert"};
    options_.stop = &stop_;
    options_.reload = &reload_;
    options_.counters = std::make_shared<IngressCounters>();
    options_.log = [this](const std::string& line) {
      const std::scoped_lock lock{mutex_};
      lines_.push_back(line);
      changed_.notify_all();
    };
    options_.on_listening = [this](std::uint16_t at) {
      const std::scoped_lock lock{mutex_};
      port_ = at;
      changed_.notify_all();
    };
    if (change) change(options_);
    thread_ = std::thread{[this] {
      const Status status = run_server(options_);
      const std::scoped_lock lock{mutex_};
      result_ = status;
      is_over_ = true;
      changed_.notify_all();
    }};
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 20s, [this] { return port_ != 0 || is_over_; });
  }
  ~ServerThread() { static_cast<void>(end()); }

  std::uint16_t port() const { return port_; }
  const IngressCounters& counters() const { return *options_.counters; }
  void reload() { reload_ = true; }
  Status end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return result_;
  }
  bool hears(const std::string& part) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 20s, [&] {
      return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
        return line.find(part) != std::string::npos;
      });
    });
  }

 private:
  ServerProcessOptions options_;
  std::atomic<bool> stop_{false}, reload_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  std::uint16_t port_ = 0;
  bool is_over_ = false;
  Status result_;
  std::thread thread_;
};

ServerConnections::Server way_to(Study& study, const std::string& hospital, std::uint16_t port,
                                 BlockRange blocks = {}) {
  net::ConnectorOptions options = net::reach(study.files(Role::hospital, hospital), port);
  options.role = Role::server;
  options.limits = limits();
  return {options, blocks};
}

/// A hospital's process, as far as products go.
struct HospitalMachine {
  explicit HospitalMachine(const std::vector<ServerConnections::Server>& servers,
                           std::chrono::milliseconds deadline = 60s)
      : connections{ServerConnections::start(system, servers, options(deadline)).value()},
        transport{system, connections->actor(), 60s, never} {}
  ServerRoutes::Options options(std::chrono::milliseconds deadline) {
    return {{}, deadline, 8, [this](const std::string& note) {
              const std::scoped_lock lock{mutex};
              notes.push_back(note);
            }};
  }
  std::vector<std::string> heard() {
    const std::scoped_lock lock{mutex};
    return notes;
  }

  std::mutex mutex;
  std::vector<std::string> notes;
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::unique_ptr<ServerConnections> connections;
  CafTransport transport;
};

TEST(ServerProcessTest, ProductsOverTlsAreThoseOfOneProcessToTheLastBit) {
  Study study;
  ServerThread server{study};
  HospitalMachine anna{{way_to(study, "anna", server.port())}};
  HospitalMachine bert{{way_to(study, "bert", server.port())}};
  Result<std::vector<Matrix>> of_bert{Error{Errc::unavailable, ""}};
  std::jthread beside{[&] { of_bert = products(bert.transport); }};
  expect_same_as_in_process(products(anna.transport));
  beside.join();
  expect_same_as_in_process(of_bert);
  EXPECT_GE(server.counters().products, 2U * 16 * 2);
  EXPECT_EQ(server.counters().refusals, 0U);
  EXPECT_TRUE(server.hears("anna (127.0.0.1"));
}

TEST(ServerProcessTest, HalfTheBlocksEachAndOneIsRestartedInTheMiddle) {
  Study study;
  ServerThread low{study, {0, 0}};
  auto high = std::make_unique<ServerThread>(study, BlockRange{1, 1});
  const std::uint16_t port = high->port();
  HospitalMachine anna{
      {way_to(study, "anna", low.port(), {0, 0}), way_to(study, "anna", port, {1, 1})}};
  std::atomic<bool> is_back{false};
  std::jthread training{[&] {
    for (bool is_last = false; !is_last && !testing::Test::HasFailure();) {
      is_last = is_back;
      expect_same_as_in_process(products(anna.transport));
    }
  }};
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (high->counters().products < 20 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_GE(high->counters().products, 20U);
  high.reset();
  high = std::make_unique<ServerThread>(study, BlockRange{1, 1}, port);
  is_back = true;
  training.join();
  EXPECT_GT(high->counters().products, 0U);
  const auto heard = anna.heard();
  const std::string name = "the blind server 127.0.0.1:" + std::to_string(port) + " (block 1) is ";
  EXPECT_EQ(std::count_if(heard.begin(), heard.end(),
                          [&](const auto& note) { return note.rfind(name + "lost", 0) == 0; }),
            1);
  EXPECT_EQ(std::count_if(heard.begin(), heard.end(),
                          [&](const auto& note) { return note.rfind(name + "there", 0) == 0; }),
            1);
}

TEST(ServerProcessTest, AServerOfOtherBlocksThanTheSiteSaysIsNoticed) {
  Study study;
  ServerThread server{study};
  HospitalMachine anna{{way_to(study, "anna", server.port(), {0, 0})}};
  const auto got = products(anna.transport);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::mismatch);
  EXPECT_THAT(got.error().detail, HasSubstr("it holds blocks 0 to 1, but this site takes it to "
                                            "hold block 0"));
}

TEST(ServerProcessTest, OnlyTheFederationsHospitalsComeIn) {
  Study study;
  ServerThread server{study};
  HospitalMachine stranger{{way_to(study, "carla", server.port())}, 2s};
  const auto got = products(stranger.transport);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unavailable);
  EXPECT_TRUE(server.hears("is no hospital of this server's federation file"));
  HospitalMachine anna{{way_to(study, "anna", server.port())}};
  EXPECT_TRUE(products(anna.transport));
}

TEST(ServerProcessTest, AFolderOfCertificatesIsAnAllowListThatCanChange) {
  Study study;
  const test_support::TemporaryFolder allowed;
  const auto allow = [&](const std::string& name) {
    std::filesystem::copy_file(study.files(Role::hospital, name).certificate,
                               allowed.path() / (name + ".crt"));
  };
  allow("anna");
  ServerThread server{
      study, {}, 0, [&](ServerProcessOptions& options) { options.certificates = allowed.path(); }};
  HospitalMachine anna{{way_to(study, "anna", server.port())}};
  EXPECT_TRUE(products(anna.transport));
  HospitalMachine bert{{way_to(study, "bert", server.port())}};
  EXPECT_TRUE(server.hears("is not among those in"));
  allow("bert");
  server.reload();
  EXPECT_TRUE(server.hears("were read again"));
  EXPECT_TRUE(products(bert.transport)) << "it kept trying, and comes in now";
}

TEST(ServerProcessTest, AListThatCannotBeReadLeavesTheOldOne) {
  Study study;
  const test_support::TemporaryFolder allowed;
  std::filesystem::copy_file(study.files(Role::hospital, "anna").certificate,
                             allowed.path() / "anna.crt");
  ServerThread server{
      study, {}, 0, [&](ServerProcessOptions& options) { options.certificates = allowed.path(); }};
  HospitalMachine anna{{way_to(study, "anna", server.port())}};
  EXPECT_TRUE(products(anna.transport));
  std::ofstream{allowed.path() / "damaged.crt"} << "no certificate";
  server.reload();
  EXPECT_TRUE(server.hears("certificates stay as they were: malformed"));
  EXPECT_TRUE(products(anna.transport));
}

TEST(ServerProcessTest, WhatCannotStartSaysWhy) {
  Study study;
  ServerThread first{study};
  ServerThread second{study, {}, first.port()};
  const Status taken = second.end();
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::unavailable);
  ServerThread third{study, {}, 0, [&](ServerProcessOptions& options) {
                       options.certificates = study.folder() / "absent";
                     }};
  const Status absent = third.end();
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Errc::not_found);
  EXPECT_THAT(absent.error().detail, HasSubstr("absent"));
}

TEST(ServerProcessTest, AHospitalThatSendsGarbageGetsErrorsAndTheOthersProducts) {
  Study study;
  ServerThread server{study};
  net::ConnectorOptions options = net::reach(study.files(Role::hospital, "bert"), server.port());
  options.role = Role::server;
  options.limits = limits();
  net::Site bert{options};
  ASSERT_TRUE(bert.events->wait_for_up());
  const auto& link = bert.events->ups[0];
  const auto& m = world();
  const protocol::ProductRequest honest{
      {m.params.fingerprint(), m.fingerprint, protocol::test::sample_nonce(), 1, 1, 2}, 48, 3};
  const Bytes frame = encode(honest, Bytes(honest.body_bytes()));
  SeededSequence sequence{1, "mutations"};
  constexpr std::size_t count = 2000;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes mutated = frame;
    const std::size_t changes = 1 + sequence.below(4);
    for (std::size_t k = 0; k < changes; ++k) {
      mutated[sequence.below(300)] = static_cast<std::uint8_t>(sequence.below(256));
    }
    if (sequence.below(4) == 0) mutated.resize(sequence.below(mutated.size()));
    const auto type = sequence.below(8) == 0 ? static_cast<std::uint16_t>(sequence.below(65536))
                                             : std::uint16_t{4};
    ASSERT_TRUE(link->send(net::Lane::data, {type, i, SharedBytes{std::move(mutated)}}));
  }
  HospitalMachine anna{{way_to(study, "anna", server.port())}};
  expect_same_as_in_process(products(anna.transport));
  EXPECT_TRUE(bert.events->wait_for_messages(count)) << "every one has an answer";
  EXPECT_GT(server.counters().refusals, count / 2);
}

TEST(ServerProcessTest, AtTheEndHospitalsHearWhy) {
  Study study;
  auto server = std::make_unique<ServerThread>(study);
  HospitalMachine anna{{way_to(study, "anna", server->port())}};
  EXPECT_TRUE(products(anna.transport));
  EXPECT_TRUE(server->end());
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (anna.heard().empty() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_THAT(anna.heard(), Contains(HasSubstr("the blind server is stopping")));
}

}  // namespace
}  // namespace hippocrypt::actors
