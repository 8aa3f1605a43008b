#pragma once
// The files of a tiny federation whose parties are processes on this machine: the federation's
// TOML, an authority, and a folder with certificate, keys and site.toml for each party.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "cli/session/hospital_part.hpp"
#include "federation/secagg/client/identity_key.hpp"
#include "model/source/write_model.hpp"
#include "net/provision/authority.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::test_support {

/// One that was free a moment ago.
inline std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

class TinyNetwork {
 public:
  /// `sections` replaces the usual [encryption] and what goes with it.
  explicit TinyNetwork(const std::string& name, const std::string& sections = plain())
      : tiny_{name, 8}, port{free_port()}, server_port{free_port()} {
    write("federation.toml", federation_text(sections));
    EXPECT_TRUE(net::Authority::create(folder() / "authority", "study", 30,
                                       std::chrono::system_clock::now(), random_));
    std::filesystem::create_directories(folder() / "certificates");
    for (const auto& hospital : hospitals()) {
      provision(net::Role::hospital, hospital);
      std::filesystem::copy(folder() / hospital / "site.crt",
                            folder() / "certificates" / (hospital + ".crt"));
      write(hospital + "/site.toml", hospital_text(hospital, "federation.toml"));
    }
    provision(net::Role::aggregator, "aggregator");
    write("aggregator/site.toml",
          head("aggregator", "aggregator", "certificates = \"../certificates\"\n") +
              "[listen]\naddress = \"127.0.0.1\"\nport = " + std::to_string(port) + "\n");
    provision(net::Role::server, "server");
    write("server/site.toml",
          head("server", "server") + "[listen]\naddress = \"127.0.0.1\"\nport = " +
              std::to_string(server_port) + "\n[[model]]\npath = \"../model\"\n");
  }

  /// Keys that are there already stay; the certificate is a new one.
  void provision(net::Role role, const std::string& name) {
    const auto authority = net::Authority::open(folder() / "authority").value();
    const auto place = folder() / name;
    std::filesystem::create_directories(place);
    const auto key = net::KeyPair::load_or_create(place / "site.key", random_).value();
    net::SubjectNames names;
    names.identity = {"study", role, name};
    if (role == net::Role::hospital) {
      names.signing_key =
          federation::secagg::IdentityKey::load_or_create(place / "signing.key", random_)
              .value()
              .public_part();
    } else {
      names.dns_names = {"localhost"};
    }
    const auto request = net::make_request(names, key).value();
    const auto issued = authority.sign(net::read_request(as_bytes(request)).value(), std::nullopt,
                                       std::chrono::system_clock::now(), random_);
    ASSERT_TRUE(issued) << to_string(issued.error());
    write(name + "/site.crt", issued->pem);
  }

  /// Takes the whole model from a hospital, whose cache then holds some of its hints: the others
  /// are streamed.
  void leave_only_its_part(const std::string& hospital) const {
    auto bundle = model::open_model((folder() / "model").string()).value();
    const auto part = cli::make_hospital_part(bundle.model, exact_channels, 1).value();
    EXPECT_TRUE(model::write_hospital_part(bundle, part, folder() / hospital / "part"));
    auto text = read_text_file(federation(), 1 << 20).value();
    const std::string whole = "path = \"model\"";
    text.replace(text.find(whole), whole.size(), "path = \"" + hospital + "/part\"");
    write(hospital + ".toml", text);
    write(hospital + "/site.toml",
          hospital_text(hospital, hospital + ".toml", "hint_cache = \"1MB\"\n"));
  }

  const std::filesystem::path& folder() const { return tiny_.folder(); }
  std::filesystem::path federation() const { return folder() / "federation.toml"; }
  std::filesystem::path site(const std::string& party) const {
    return folder() / party / "site.toml";
  }
  std::vector<std::string> hospitals() const { return tiny_.config.hospital_names(); }
  /// One of each, where there are three: no result may depend on it.
  std::string hint_source(const std::string& hospital) const {
    const auto names = hospitals();
    return hospital == names[0] ? "compute" : hospital == names[1] ? "download" : "auto";
  }
  static std::string plain() {
    return "[encryption]\noracle = \"plain-fp32\"\nexact_channels = 0\n";
  }
  static std::string encrypted() {
    return "[encryption]\noracle = \"encrypted\"\nparams = \"rlwe1024\"\ntile_tokens = 512\n"
           "train_tiles = 4\neval_tiles = 1\nexact_channels = " +
           std::to_string(exact_channels) + "\n";
  }

 private:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{folder() / name, std::ios::binary} << text;
  }
  std::string federation_text(const std::string& sections) const {
    std::string text =
        "[run]\nname = \"net\"\nseed = 5\nrounds = 3\nsteps_per_round = 1\n"
        "[model]\npath = \"model\"\n[adapter]\nrank = 2\n"
        "[training]\nmax_note_tokens = 64\nmax_patient_tokens = 128\n"
        "[privacy]\nsampling_rate = 0.15\nexpected_lot = 4\nledger = \"run\"\n"
        "[server]\nthreads = 1\n[federation]\nheartbeat_s = 0.2\ngrace_s = 60\n" +
        sections;
    for (const auto& hospital : hospitals()) {
      text += "[[hospital]]\nname = \"" + hospital + "\"\nnotes = \"" + hospital + ".jsonl\"\n";
    }
    return text;
  }
  std::string hospital_text(const std::string& name, const std::string& federation_file,
                            const std::string& more = {}) const {
    const auto peer = [](std::uint16_t at) {
      return "host = \"127.0.0.1\"\nport = " + std::to_string(at) +
             "\nserver_name = \"localhost\"\n";
    };
    return head("hospital", name, {}, federation_file) + "[hospital]\nnotes = \"../" + name +
           ".jsonl\"\nfolder = \"state\"\nreport_budget = true\nhint_source = \"" +
           hint_source(name) + "\"\n" + more + "[aggregator]\n" + peer(port) + "[[server]]\n" +
           peer(server_port);
  }
  static std::string head(const std::string& role, const std::string& name,
                          const std::string& more = {},
                          const std::string& federation_file = "federation.toml") {
    return "[site]\nrole = \"" + role + "\"\nname = \"" + name + "\"\nfederation = \"../" +
           federation_file + "\"\n" + more +
           "[tls]\nauthority = \"../authority/authority.crt\"\ncertificate = \"site.crt\"\nkey = "
           "\"site.key\"\n";
  }
  static constexpr std::size_t exact_channels = 2;  ///< where products are encrypted
  TinyFederation tiny_;
  SystemRandom random_;

 public:
  const std::uint16_t port, server_port;
};

}  // namespace hippocrypt::test_support
