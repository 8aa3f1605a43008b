#include "cli/preflight/certificate_checks.hpp"

#include "federation/secagg/client/identity_key.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_authority.hpp"

namespace hippocrypt::cli {
namespace {

using namespace std::chrono_literals;

class CertificateChecksTest : public testing::Test {
 protected:
  static OwnFiles own(const net::TlsFiles& files, net::Role role, const std::string& name) {
    return {files.authority, files.certificate, files.key, files.revoked, {}, role, name};
  }
  OwnFiles server() {
    return own(authority_.party(net::Role::server, "gpu"), net::Role::server, "gpu");
  }
  /// With a signing key that is the certificate's.
  OwnFiles hospital() {
    const auto path = folder_.path() / "signing.key";
    const auto key = federation::secagg::IdentityKey::load_or_create(path, random_).value();
    net::CertificateSpec spec{authority_.names(net::Role::hospital, "st-anna"),
                              {},
                              {now_ - 1h, now_ + 24h * 29},
                              true,
                              false};
    spec.names.signing_key = key.public_part();
    auto files = own(authority_.odd_party(spec), net::Role::hospital, "st-anna");
    files.signing_key = path;
    return files;
  }
  static void expect_check(const std::vector<Check>& checks, const std::string& name,
                           CheckState state, const std::string& part) {
    for (const auto& check : checks) {
      if (check.name != name) continue;
      EXPECT_EQ(check.state, state) << check.text;
      EXPECT_NE(check.text.find(part), std::string::npos) << check.text;
      return;
    }
    ADD_FAILURE() << "there is no check " << name;
  }

  test_support::TemporaryFolder folder_;
  test_support::SeededRandom random_{4};
  test_support::TestAuthority authority_{folder_.path() / "a"};
  WallTime now_ = std::chrono::system_clock::now();
};

TEST_F(CertificateChecksTest, PassesWhatIsInOrder) {
  // The test's authority lives for 30 days from when it was made.
  const auto checks = check_certificate(server(), now_ - 10min);
  ASSERT_EQ(checks.size(), 3U);
  expect_check(checks, "certificate", CheckState::passed, "(30 days left)");
  expect_check(checks, "names", CheckState::passed, "server gpu of the federation study");
  expect_check(checks, "key", CheckState::passed, "0600");
  expect_check(check_certificate(hospital(), now_), "signing key", CheckState::passed,
               "signing.key");
}

TEST_F(CertificateChecksTest, WarnsInTime) {
  expect_check(check_certificate(hospital(), now_), "certificate", CheckState::warning,
               "29 days left");
  auto files = server();
  files.revoked.clear();
  expect_check(check_certificate(files, now_ - 10min), "certificate", CheckState::warning,
               "tls.revoked");
}

TEST_F(CertificateChecksTest, SaysWhatIsWrongWithTheCertificate) {
  auto files = server();
  expect_check(check_certificate(files, now_ + 24h * 31), "certificate", CheckState::failed,
               "expired");
  authority_.revoke(files.certificate);
  expect_check(check_certificate(files, now_), "certificate", CheckState::failed, "revoked");
  files.certificate = folder_.path() / "none";
  expect_check(check_certificate(files, now_), "certificate", CheckState::failed, "none");
  files.authority = folder_.path() / "no authority";
  expect_check(check_certificate(files, now_), "certificate", CheckState::failed, "no authority");
}

TEST_F(CertificateChecksTest, SaysWhoseTheCertificateIs) {
  auto files = server();
  files.name = "other";
  expect_check(check_certificate(files, now_), "names", CheckState::failed,
               "the certificate of server gpu, the configuration that of server other");
  files.name = "gpu";
  files.role = net::Role::aggregator;
  expect_check(check_certificate(files, now_), "names", CheckState::failed, "aggregator gpu");
}

TEST_F(CertificateChecksTest, SaysWhatIsWrongWithTheKeys) {
  auto files = server();
  files.key = server().key;
  expect_check(check_certificate(files, now_), "key", CheckState::failed, "is not the key of");
  std::filesystem::permissions(files.key, std::filesystem::perms{0644});
  expect_check(check_certificate(files, now_), "key", CheckState::failed, "others than its owner");
  auto anna = hospital();
  anna.signing_key = folder_.path() / "none";
  expect_check(check_certificate(anna, now_), "signing key", CheckState::failed, "is not there");
  EXPECT_FALSE(std::filesystem::exists(anna.signing_key)) << "a check makes nothing";
  ASSERT_TRUE(federation::secagg::IdentityKey::load_or_create(anna.signing_key, random_));
  expect_check(check_certificate(anna, now_), "signing key", CheckState::failed,
               "not the one in the certificate");
  ASSERT_TRUE(write_file_atomically(anna.signing_key, as_bytes("x")).has_value());
  expect_check(check_certificate(anna, now_), "signing key", CheckState::failed, "no identity");
}

}  // namespace
}  // namespace hippocrypt::cli
