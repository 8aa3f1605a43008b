#pragma once
// A federation's authority in a folder, and the files of the parties that it has signed.

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "net/link/endpoints.hpp"
#include "net/provision/authority.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::test_support {

class TestAuthority {
 public:
  /// Two of them with one seed have the same key.
  explicit TestAuthority(std::filesystem::path folder, const std::string& federation = "study",
                         std::uint64_t seed = 1)
      : folder_{std::move(folder)},
        random_{seed},
        authority_{net::Authority::create(folder_ / "authority", federation, 30,
                                          std::chrono::system_clock::now(), random_)
                       .value()} {}

  const net::Authority& authority() const { return authority_; }

  /// A hospital has a signing key that starts with `key_byte`; the others are called `host`.
  net::SubjectNames names(net::Role role, const std::string& name,
                          const std::string& host = "localhost", std::uint8_t key_byte = 7) const {
    net::SubjectNames names;
    names.identity = {authority_.facts().federation, role, name};
    if (role == net::Role::hospital) {
      names.signing_key.emplace().fill(key_byte);
    } else {
      (net::is_address(host) ? names.addresses : names.dns_names).push_back(host);
    }
    return names;
  }

  /// Key and certificate, made as `provision request` and `sign` make them.
  net::TlsFiles party(net::Role role, const std::string& name,
                      const std::string& host = "localhost") {
    const auto key = net::KeyPair::create(random_);
    const auto pem = net::make_request(names(role, name, host), key).value();
    const auto request = net::read_request(as_bytes(pem)).value();
    const auto issued =
        authority_.sign(request, std::nullopt, std::chrono::system_clock::now(), random_).value();
    return files(issued.facts.serial, key, issued.pem);
  }

  /// A certificate as it should not be: any names, usages and dates. `spec.serial` is drawn.
  net::TlsFiles odd_party(net::CertificateSpec spec) {
    random_.fill(spec.serial);
    spec.serial[0] = 0x42;
    const auto key = net::KeyPair::create(random_);
    const auto signer = net::KeyPair::load(folder_ / "authority" / net::authority_key_file).value();
    const auto pem = read_text_file(authority_.certificate_path(), net::max_pem_bytes).value();
    const auto certificate = net::write_certificate(
        spec, key.handle(), *net::parse_certificate(as_bytes(pem)).value(), signer.handle());
    return files(to_hex(spec.serial), key, net::to_pem(*certificate));
  }

  /// Puts the certificate in the file on the list, which is the file `revoked` of all parties.
  void revoke(const std::filesystem::path& certificate) {
    const auto pem = read_text_file(certificate, net::max_pem_bytes).value();
    const auto facts = net::facts_of_bytes(as_bytes(pem)).value();
    EXPECT_TRUE(authority_.revoke({facts.serial}, std::chrono::system_clock::now()).has_value());
  }

 private:
  net::TlsFiles files(const std::string& stem, const net::KeyPair& key, const std::string& pem) {
    net::TlsFiles files{authority_.certificate_path(), folder_ / (stem + ".crt"),
                        folder_ / (stem + ".key"), authority_.revoked_path()};
    EXPECT_TRUE(key.save(files.key).has_value());
    EXPECT_TRUE(write_file_atomically(files.certificate, as_bytes(pem)).has_value());
    return files;
  }

  std::filesystem::path folder_;
  SeededRandom random_;
  net::Authority authority_;
};

}  // namespace hippocrypt::test_support
