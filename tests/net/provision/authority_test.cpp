#include "net/provision/authority.hpp"

#include <openssl/x509v3.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_authority.hpp"

namespace hippocrypt::net {
namespace {

using Clock = std::chrono::system_clock;
using namespace std::chrono_literals;

class AuthorityTest : public testing::Test {
 protected:
  Result<Authority> create(const char* name, const std::string& federation, unsigned days) {
    return Authority::create(folder_.path() / name, federation, days, now_, random_);
  }
  Request request(Role role, const std::string& name) {
    SubjectNames names{{"study", role, name}, {}, {}, {}};
    if (role == Role::hospital) {
      names.signing_key.emplace();
    } else {
      names.dns_names = {"a.example"};
    }
    const auto pem = make_request(names, KeyPair::create(random_)).value();
    return read_request(as_bytes(pem)).value();
  }
  template <class T>
  static void expect_error(const Result<T>& result, Errc code, const std::string& sentence) {
    ASSERT_FALSE(result.has_value()) << sentence;
    EXPECT_EQ(result.error().code, code);
    EXPECT_NE(result.error().detail.find(sentence), std::string::npos) << result.error().detail;
  }

  test_support::TemporaryFolder folder_;
  test_support::SeededRandom random_{1};
  Clock::time_point now_ = std::chrono::floor<std::chrono::seconds>(Clock::now());
};

TEST_F(AuthorityTest, MakesAFolderThatItCanOpen) {
  const auto made = create("a", "study", 400).value();
  EXPECT_EQ(made.facts().federation, "study");
  EXPECT_EQ(made.facts().not_after, now_ + 400 * 24h);
  const auto opened = Authority::open(folder_.path() / "a").value();
  EXPECT_EQ(opened.facts().fingerprint, made.facts().fingerprint);
  EXPECT_TRUE(Authority::issued(folder_.path() / "a").value().empty());
  EXPECT_EQ(std::filesystem::status(folder_.path() / "a" / authority_key_file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_TRUE(TrustAnchor::load(opened.certificate_path(), opened.revoked_path()).has_value());
}

TEST_F(AuthorityTest, SignsNoOtherAuthority) {
  const auto made = create("a", "study", 1).value();
  const auto certificate =
      parse_certificate(read_file(made.certificate_path(), max_pem_bytes).value()).value();
  EXPECT_EQ(X509_get_pathlen(certificate.get()), 0);
  EXPECT_EQ(X509_get_key_usage(certificate.get()),
            static_cast<std::uint32_t>(KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  EXPECT_EQ(X509_self_signed(certificate.get(), 1), 1);
}

TEST_F(AuthorityTest, OverwritesNothingAndRefusesOddValues) {
  ASSERT_TRUE(create("a", "study", 1).has_value());
  const auto before = read_file(folder_.path() / "a" / authority_file, max_pem_bytes).value();
  expect_error(create("a", "study", 1), Errc::io, "there already");
  EXPECT_EQ(read_file(folder_.path() / "a" / authority_file, max_pem_bytes).value(), before);
  expect_error(create("b", "a study", 1), Errc::out_of_range, "name");
  expect_error(create("b", "signing-key", 1), Errc::out_of_range, "name");
  expect_error(create("b", "study", 0), Errc::out_of_range, "days");
  expect_error(create("b", "study", max_life_days + 1), Errc::out_of_range, "days");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "b"));
  ASSERT_TRUE(write_file_atomically(folder_.path() / "file", {}).has_value());
  expect_error(create("file", "study", 1), Errc::io, "cannot create");
}

TEST_F(AuthorityTest, NamesWhatIsWrongWithItsFolder) {
  expect_error(Authority::open(folder_.path() / "none"), Errc::not_found, authority_file);
  ASSERT_TRUE(create("a", "study", 1).has_value());
  ASSERT_TRUE(create("b", "study", 1).has_value());
  const auto a = folder_.path() / "a", b = folder_.path() / "b";
  std::filesystem::rename(a / authority_file, b / authority_file);
  expect_error(Authority::open(b), Errc::mismatch, "not the key");
  ASSERT_TRUE(write_file_atomically(b / authority_file, as_bytes("x")).has_value());
  expect_error(Authority::open(b), Errc::malformed, authority_file);
}

TEST_F(AuthorityTest, SignsForTheRoleAndPutsItOnRecord) {
  const auto authority = create("a", "study", 10).value();
  const auto hospital =
      authority.sign(request(Role::hospital, "st-anna"), std::nullopt, now_, random_).value();
  EXPECT_EQ(hospital.facts.not_after, authority.facts().not_after);
  EXPECT_TRUE(hospital.facts.signing_key.has_value());
  const auto server = authority.sign(request(Role::server, "gpu"), 3, now_ + 1s, random_).value();
  EXPECT_EQ(server.facts.not_after, now_ + 1s + 3 * 24h);
  EXPECT_TRUE(server.facts.may_be_server);
  const auto anchor = TrustAnchor::load(authority.certificate_path(), authority.revoked_path());
  EXPECT_TRUE(anchor->verify(as_bytes(hospital.pem), now_).has_value());
  EXPECT_TRUE(anchor->verify(as_bytes(server.pem), now_).has_value());
  const auto records = Authority::issued(folder_.path() / "a").value();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].facts.serial, hospital.facts.serial);
  EXPECT_EQ(records[1].facts.identity.name, "gpu");
  EXPECT_NE(hospital.facts.serial, server.facts.serial);
}

TEST_F(AuthorityTest, SignsNothingBeyondItself) {
  const auto authority = create("a", "study", 10).value();
  const auto server = request(Role::server, "gpu");
  expect_error(authority.sign(server, 11, now_, random_), Errc::out_of_range, "10 days left");
  expect_error(authority.sign(server, 0, now_, random_), Errc::out_of_range, "at least a day");
  expect_error(authority.sign(server, {}, now_ + 10 * 24h, random_), Errc::stale, "expired");
  auto other = request(Role::server, "gpu");
  other.names.identity.federation = "other";
  expect_error(authority.sign(other, {}, now_, random_), Errc::mismatch, "federation other");
  other.names.dns_names.clear();
  expect_error(authority.sign(other, {}, now_, random_), Errc::malformed, "no host");
  EXPECT_TRUE(Authority::issued(folder_.path() / "a").value().empty());
}

TEST_F(AuthorityTest, RevokesAndKeepsWhatIsRevoked) {
  const auto authority = create("a", "study", 10).value();
  std::vector<std::string> serials;
  for (const char* name : {"a", "b", "c"}) {
    serials.push_back(
        authority.sign(request(Role::hospital, name), {}, now_, random_)->facts.serial);
  }
  ASSERT_TRUE(authority.revoke({serials[0]}, now_).has_value());
  ASSERT_TRUE(authority.revoke({serials[2], serials[0]}, now_).has_value());
  const auto records = Authority::issued(folder_.path() / "a").value();
  ASSERT_EQ(records.size(), 3U);
  for (const auto& record : records) {
    EXPECT_EQ(record.is_revoked, record.facts.identity.name != "b");
  }
  expect_error(authority.revoke({serials[1], "abcd"}, now_), Errc::not_found, "abcd");
  expect_error(authority.revoke({"../a"}, now_), Errc::not_found, "../a");
  EXPECT_EQ(TrustAnchor::load(authority.certificate_path(), authority.revoked_path())
                .value()
                .authority()
                .federation,
            "study");
}

TEST_F(AuthorityTest, RefusesAListOrRecordThatIsNotItsOwn) {
  const auto authority = create("a", "study", 10).value();
  const auto serial = authority.sign(request(Role::hospital, "a"), {}, now_, random_)->facts.serial;
  const auto other = create("b", "study", 10).value();
  std::filesystem::copy_file(other.revoked_path(), authority.revoked_path(),
                             std::filesystem::copy_options::overwrite_existing);
  expect_error(Authority::issued(folder_.path() / "a"), Errc::mismatch, "did not sign this list");
  expect_error(authority.revoke({serial}, now_), Errc::mismatch, "did not sign this list");
  ASSERT_TRUE(write_file_atomically(authority.revoked_path(), as_bytes("x")).has_value());
  expect_error(Authority::issued(folder_.path() / "a"), Errc::malformed, revoked_file);
  std::filesystem::remove(authority.revoked_path());
  expect_error(Authority::issued(folder_.path() / "a"), Errc::not_found, revoked_file);
  ASSERT_TRUE(
      write_file_atomically(folder_.path() / "b" / "issued" / "1.crt", as_bytes("x")).has_value());
  expect_error(Authority::issued(folder_.path() / "b"), Errc::malformed, "1.crt");
  std::filesystem::remove_all(folder_.path() / "b" / "issued");
  expect_error(Authority::issued(folder_.path() / "b"), Errc::io, "cannot list");
}

}  // namespace
}  // namespace hippocrypt::net
