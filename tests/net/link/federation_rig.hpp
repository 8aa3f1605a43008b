#pragma once
// An authority with certificates for everybody, right and wrong ones, in a folder of its own.

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/file.hpp"
#include "base/random.hpp"
#include "net/link/endpoints.hpp"
#include "net/provision/authority.hpp"
#include "net/provision/key_pair.hpp"
#include "tests/support/link_recorder.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::net {

/// What one authority signs. Servers and aggregators are at localhost and 127.0.0.1.
class Study {
 public:
  explicit Study(const std::string& federation = "study")
      : authority_{Authority::create(folder_.path() / "ca", federation, 30,
                                     std::chrono::system_clock::now() - std::chrono::hours{1},
                                     random_)
                       .value()},
        federation_{federation} {}

  const std::filesystem::path& folder() const { return folder_.path(); }
  const Authority& authority() const { return authority_; }

  /// The files of a party, made at the first call.
  TlsFiles files(Role role, const std::string& name) {
    const TlsFiles paths = paths_of(role, name);
    if (std::filesystem::exists(paths.certificate)) return paths;
    const KeyPair key = KeyPair::load_or_create(paths.key, random_).value();
    const auto request = read_request(as_bytes(make_request(names_of(role, name), key).value()));
    const auto issued =
        authority_.sign(request.value(), std::nullopt, std::chrono::system_clock::now(), random_);
    EXPECT_TRUE(write_file_atomically(paths.certificate, as_bytes(issued.value().pem)));
    return paths;
  }
  /// The same with a certificate that no honest authority would sign.
  TlsFiles odd_files(Role role, const std::string& name,
                     const std::function<void(CertificateSpec&)>& change) {
    TlsFiles paths = files(role, name);
    CertificateSpec spec;
    spec.names = names_of(role, name);
    spec.serial[15] = 77;
    const auto now = std::chrono::system_clock::now();
    spec.validity = {now - std::chrono::hours{1}, now + std::chrono::hours{1}};
    spec.may_be_client = role == Role::hospital;
    spec.may_be_server = role != Role::hospital;
    change(spec);
    const KeyPair key = KeyPair::load(paths.key).value();
    const KeyPair authority_key = KeyPair::load(folder_.path() / "ca" / authority_key_file).value();
    const auto authority =
        parse_certificate(read_file(authority_.certificate_path(), max_pem_bytes).value());
    const auto certificate =
        write_certificate(spec, key.handle(), *authority.value(), authority_key.handle());
    EXPECT_TRUE(write_file_atomically(paths.certificate, as_bytes(to_pem(*certificate))));
    return paths;
  }
  void revoke(Role role, const std::string& name) {
    const auto facts = facts_of_bytes(read_file(paths_of(role, name).certificate, 1 << 20).value());
    EXPECT_TRUE(authority_.revoke({facts.value().serial}, std::chrono::system_clock::now()));
  }

 private:
  TlsFiles paths_of(Role role, const std::string& name) const {
    const std::string stem = std::string{to_string(role)} + "-" + name;
    return {authority_.certificate_path(), folder_.path() / (stem + ".crt"),
            folder_.path() / (stem + ".key"), authority_.revoked_path()};
  }
  SubjectNames names_of(Role role, const std::string& name) const {
    SubjectNames names;
    names.identity = {federation_, role, name};
    if (role == Role::hospital) {
      names.signing_key.emplace();
      names.signing_key->fill(7);
    } else {
      names.dns_names = {"localhost"};
      names.addresses = {"127.0.0.1"};
    }
    return names;
  }

  test_support::TemporaryFolder folder_;
  SystemRandom random_;
  Authority authority_;
  const std::string federation_;
};

inline LinkLimits quick_limits() {
  LinkLimits limits;
  limits.block_bytes = 4096;
  limits.control_bytes = 4096;
  limits.message_bytes = std::size_t{1} << 20;
  limits.ping = std::chrono::milliseconds{300};
  limits.handshake = std::chrono::seconds{20};
  limits.stall = std::chrono::seconds{20};
  limits.resume = std::chrono::seconds{60};
  return limits;
}

/// An aggregator that listens, for hospitals to come.
struct Centre {
  explicit Centre(Study& study, std::function<void(ListenerOptions&)> change = {}) {
    ListenerOptions options;
    options.tls = study.files(Role::aggregator, "centre");
    options.address = "127.0.0.1";
    options.limits = quick_limits();
    if (change) change(options);
    auto started = Listener::start(options, events);
    EXPECT_TRUE(started.has_value()) << to_string(started.error());
    if (started) listener = std::move(started).value();
  }
  std::uint16_t port() const { return listener->port(); }

  std::shared_ptr<test_support::LinkRecorder> events =
      std::make_shared<test_support::LinkRecorder>();
  std::unique_ptr<Listener> listener;
};

inline ConnectorOptions reach(const TlsFiles& files, std::uint16_t port) {
  ConnectorOptions options;
  options.tls = files;
  options.host = "127.0.0.1";
  options.port = port;
  options.limits = quick_limits();
  options.first_wait = std::chrono::milliseconds{10};
  options.longest_wait = std::chrono::milliseconds{100};
  return options;
}

/// A hospital that reaches out.
struct Site {
  explicit Site(const ConnectorOptions& options) {
    auto started = Connector::start(options, events);
    EXPECT_TRUE(started.has_value()) << to_string(started.error());
    if (started) connector = std::move(started).value();
  }
  Site(Study& study, const std::string& name, std::uint16_t port)
      : Site{reach(study.files(Role::hospital, name), port)} {}

  std::shared_ptr<test_support::LinkRecorder> events =
      std::make_shared<test_support::LinkRecorder>();
  std::unique_ptr<Connector> connector;
};

/// Whether a hospital is served: a message there, one back.
inline bool is_served(Study& study, const std::string& name, Centre& centre) {
  const std::size_t before = centre.events->count_of_messages();
  Site site{study, name, centre.port()};
  if (!site.events->wait_for_up()) return false;
  if (!site.events->ups[0]->send(Lane::data, {1, 4242, SharedBytes{Bytes(10'000, 3)}}))
    return false;
  if (!centre.events->wait_for_messages(before + 1)) return false;
  const auto link = centre.events->link_of(name);
  return link && link->send(Lane::control, {2, 4243, {}}) && site.events->wait_for_messages(1);
}

}  // namespace hippocrypt::net
