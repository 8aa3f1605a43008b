// hippocrypt-server as a program: a hospital's products through a kill, a reload and a stop.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <caf/all.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "actors/caf_transport.hpp"
#include "actors/gateways/server_connections.hpp"
#include "base/file.hpp"
#include "model/files/hf_model.hpp"
#include "model/model_fingerprint.hpp"
#include "model/pretrain.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/client/hint_store.hpp"
#include "tests/net/link/federation_rig.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::cli {
namespace {

using namespace std::chrono_literals;
using net::Role;
using ::testing::HasSubstr;

const std::atomic<bool> never{false};

/// The program, with what it says in a file of its own.
class Server {
 public:
  Server(const std::filesystem::path& site, const std::filesystem::path& log,
         const std::vector<std::string>& flags = {})
      : process_{words(site, flags), fresh(log)} {}
  std::string log() const { return process_.output(); }
  bool says(const std::string& part) const { return process_.wait_for(part, 60s); }
  /// The number behind the last `part`.
  std::uint16_t number_behind(const std::string& part) const {
    const std::string text = log();
    return static_cast<std::uint16_t>(std::stoul(text.substr(text.rfind(part) + part.size())));
  }
  void signal(int number) const { process_.signal(number); }
  /// How it ended, as ChildProcess says it.
  int end(int number) {
    if (number != 0) signal(number);
    return process_.wait(60s).value_or(-1);
  }

 private:
  static std::vector<std::string> words(const std::filesystem::path& site,
                                        const std::vector<std::string>& flags) {
    std::vector<std::string> all{HIPPOCRYPT_SERVER_PROGRAM, site};
    all.insert(all.end(), flags.begin(), flags.end());
    return all;
  }
  static std::filesystem::path fresh(const std::filesystem::path& log) {
    std::filesystem::remove(log);
    return log;
  }
  test_support::ChildProcess process_;
};

std::string get(std::uint16_t port, const std::string& path) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string page;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(::write(socket, request.data(), request.size()),
              static_cast<ssize_t>(request.size()));
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = ::read(socket, part.data(), part.size())) > 0;) {
      page.append(part.data(), static_cast<std::size_t>(got));
    }
  }
  ::close(socket);
  return page;
}

struct World {
  static model::ModelConfig small_config() {
    model::ModelLiteral shape;
    shape.vocab = 40;
    shape.hidden = 32;
    shape.blocks = 2;
    shape.heads = 2;
    shape.kv_heads = 1;
    shape.ffn = 48;
    shape.max_context = 32;
    return model::ModelConfig::create(shape).value();
  }
  World() {
    EXPECT_TRUE(model::save_model_folder(model, folder() / "model"));
    write("federation.toml",
          "[model]\npath = \"model\"\n[encryption]\nparams = \"rlwe1024\"\n"
          "[server]\nthreads = 1\nhint_cache = \"hints\"\n"
          "[[hospital]]\nname = \"anna\"\n[[hospital]]\nname = \"bert\"\n"
          "[[hospital]]\nname = \"carla\"\n");
  }
  const std::filesystem::path& folder() const { return study.folder(); }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream{folder() / name} << text;
    return folder() / name;
  }
  /// A server's TOML file.
  std::filesystem::path site(const std::string& name, std::uint16_t port,
                             const std::string& more = {}) {
    const net::TlsFiles tls = study.files(Role::server, "products");
    return write(name,
                 "[site]\nrole = \"server\"\nname = \"products\"\n"
                 "federation = \"federation.toml\"\n[tls]\nauthority = \"" +
                     tls.authority.string() + "\"\ncertificate = \"" + tls.certificate.string() +
                     "\"\nkey = \"" + tls.key.string() +
                     "\"\n[listen]\naddress = \"127.0.0.1\"\nport = " + std::to_string(port) +
                     "\n[[model]]\npath = \"model\"\n" + more);
  }

  net::Study study;
  model::ModelConfig config = small_config();
  model::Model model = model::initial_model(config, 3, 0.1);
};

/// A hospital's process, as far as products go.
struct Hospital {
  Hospital(World& world, std::uint16_t port) : world_{world} {
    net::ConnectorOptions options = net::reach(world.study.files(Role::hospital, "anna"), port);
    options.role = Role::server;
    options.limits = {};
    connections =
        actors::ServerConnections::start(system, {{options, {}}}, {{}, 60s, 8, {}}).value();
    transport = std::make_unique<actors::CafTransport>(system, connections->actor(), 60s, never);
  }
  Result<std::shared_ptr<const protocol::ServerSetup>> fetch(const Hash256& weights = {}) {
    const auto keeper = std::make_shared<protocol::HintStore>(
        protocol::HintStore::Options{.folder = world_.folder() / "kept"});
    return protocol::ServerSetup::fetch(*transport, crypto::Params::named("rlwe1024").value(),
                                        world_.config, keeper, weights);
  }
  /// Of all matrices, `times` over; the randomness is always the same.
  Result<std::vector<Matrix>> products(int times) {
    HIPPOCRYPT_TRY(const auto setup, fetch());
    test_support::SeededRandom random{5};
    protocol::EncryptedOracle oracle{setup, *transport, random, {16, 8, 2}};
    std::vector<Matrix> all;
    for (int time = 0; time < times; ++time) {
      for (std::uint8_t g = 0; g < model::linear_group_count; ++g) {
        const auto group = static_cast<model::LinearGroup>(g);
        Matrix x{world_.config.in_features(group), 13};
        for (float& value : x.values()) value = 0.25F;
        HIPPOCRYPT_TRY(all.emplace_back(), oracle.forward({1, group}, x));
      }
    }
    return all;
  }

  World& world_;
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::unique_ptr<actors::ServerConnections> connections;
  std::unique_ptr<actors::CafTransport> transport;
};

std::uint16_t port_of(const Server& server) {
  EXPECT_TRUE(server.says("listening on 127.0.0.1:")) << server.log();
  return server.number_behind("listening on 127.0.0.1:");
}

TEST(ServerProgramTest, AKilledServerIsStartedAgainAndTheHospitalGoesOn) {
  World world;
  auto server = std::make_unique<Server>(world.site("first.toml", 0), world.folder() / "log");
  const std::uint16_t port = port_of(*server);
  Hospital anna{world, port};
  const auto wanted = anna.products(60);
  ASSERT_TRUE(wanted) << to_string(wanted.error());
  Result<std::vector<Matrix>> got{Error{Errc::unavailable, ""}};
  std::jthread training{[&] { got = anna.products(60); }};
  std::this_thread::sleep_for(30ms);  // wherever it is then
  EXPECT_EQ(server->end(SIGKILL), 128 + SIGKILL);
  server = std::make_unique<Server>(world.site("again.toml", port), world.folder() / "log2");
  training.join();
  ASSERT_TRUE(got) << to_string(got.error()) << server->log();
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    EXPECT_TRUE(std::equal((*wanted)[i].values().begin(), (*wanted)[i].values().end(),
                           (*got)[i].values().begin()))
        << "its masks are in the hint cache, so products are the same";
  }
  EXPECT_THAT(server->log(), HasSubstr("hints read from the cache"));
  EXPECT_EQ(server->end(SIGTERM), 0);
}

TEST(ServerProgramTest, AReloadAStopAndThePageOfMetrics) {
  World world;
  Server server{world.site("site.toml", 0), world.folder() / "log", {"--metrics-port", "0"}};
  const std::uint16_t port = port_of(server);
  Hospital anna{world, port};
  ASSERT_TRUE(anna.products(2));
  EXPECT_TRUE(server.says("anna (127.0.0.1")) << server.log();
  const std::string page = get(server.number_behind("metrics at http://127.0.0.1:"), "/metrics");
  EXPECT_THAT(page, HasSubstr("\nhippocrypt_server_peers 1\n"));
  EXPECT_THAT(page, HasSubstr("\nhippocrypt_server_queue 0\n"));
  EXPECT_THAT(page, HasSubstr("\nhippocrypt_server_products_total 16\n"));
  server.signal(SIGHUP);
  EXPECT_TRUE(server.says("certificates and revocation list were read again"));
  ASSERT_TRUE(anna.products(1));
  EXPECT_EQ(server.end(SIGTERM), 0) << server.log();
  EXPECT_THAT(server.log(), HasSubstr("stopping: what is being computed is finished"));
  EXPECT_THAT(server.log(), HasSubstr("Z stopped\n"));
}

TEST(ServerProgramTest, TwoModelsOfOneShapeAreToldApart) {
  World world;
  const auto other = model::initial_model(world.config, 4, 0.1);
  EXPECT_TRUE(model::save_model_folder(other, world.folder() / "other"));
  Server server{world.site("site.toml", 0, "[[model]]\npath = \"other\"\n"),
                world.folder() / "log"};
  Hospital anna{world, port_of(server)};
  const auto first = model::model_fingerprint(world.model, false);
  const auto second = model::model_fingerprint(other, false);
  EXPECT_EQ(anna.fetch(first).value()->model_fingerprint(), first);
  EXPECT_EQ(anna.fetch(second).value()->model_fingerprint(), second);
  const auto unclear = anna.fetch();
  ASSERT_FALSE(unclear);
  EXPECT_THAT(unclear.error().detail, HasSubstr("several models of that shape"));
  EXPECT_EQ(server.end(SIGTERM), 0) << server.log();
}

TEST(ServerProgramTest, BlocksOfAModelAreKeptAlone) {
  World world;
  Server server{world.site("site.toml", 0, "blocks = \"1\"\n"), world.folder() / "log"};
  port_of(server);
  EXPECT_THAT(server.log(), HasSubstr("block 1 of 2, weights packed and "));
  EXPECT_EQ(server.end(SIGINT), 0);
}

TEST(ServerProgramTest, WhatCannotBeServedIsOneLine) {
  World world;
  const auto refusal = [&](const std::filesystem::path& site, int code) {
    Server server{site, world.folder() / "refused"};
    EXPECT_EQ(server.end(0), code);
    const std::string text = server.log();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    return text;
  };
  EXPECT_THAT(refusal(world.site("beyond.toml", 0, "blocks = \"1-7\"\n"), 1),
              HasSubstr("blocks 1 to 7 cannot be served: the model has blocks 0 to 1"));
  EXPECT_THAT(refusal(world.site("unknown.toml", 0, "block = \"1\"\n"), 2),
              HasSubstr("did you mean 'blocks'?"));
  EXPECT_THAT(refusal(world.folder() / "absent.toml", 2), HasSubstr("absent.toml"));
  std::string plain = read_text_file(world.folder() / "federation.toml", 100'000).value();
  const std::string params = "params = \"rlwe1024\"";
  plain.replace(plain.find(params), params.size(), "oracle = \"plain-int8\"");
  world.write("federation.toml", plain);
  EXPECT_THAT(refusal(world.site("plain.toml", 0), 2),
              HasSubstr("the hospitals of this federation ask no blind server"));
}

}  // namespace
}  // namespace hippocrypt::cli
