#include "net/identity/certificate.hpp"

#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_authority.hpp"

namespace hippocrypt::net {
namespace {

using Clock = std::chrono::system_clock;

class CertificateTest : public testing::Test {
 protected:
  Bytes read(const std::filesystem::path& path) const {
    return read_file(path, max_pem_bytes).value();
  }
  CertificateSpec spec(SubjectNames names) const {
    return {
        std::move(names), {}, {Clock::now(), Clock::now() + std::chrono::hours{1}}, true, false};
  }
  test_support::TemporaryFolder folder_;
  test_support::TestAuthority authority_{folder_.path()};
};

TEST_F(CertificateTest, SaysWhoAHospitalIs) {
  const auto facts = facts_of_bytes(read(authority_.party(Role::hospital, "st-anna").certificate));
  ASSERT_TRUE(facts.has_value()) << to_string(facts.error());
  EXPECT_EQ(facts->identity, (Identity{"study", Role::hospital, "st-anna"}));
  ASSERT_TRUE(facts->signing_key.has_value());
  EXPECT_EQ(facts->signing_key->at(31), 7);
  EXPECT_EQ(facts->dns_name, "");
  EXPECT_EQ(facts->serial.size(), 32U);
  EXPECT_TRUE(facts->may_be_client);
  EXPECT_FALSE(facts->may_be_server);
  EXPECT_LT(facts->not_before, Clock::now());
  EXPECT_EQ(facts->not_after, authority_.authority().facts().not_after);
  EXPECT_TRUE(check_usage(*facts).has_value());
}

TEST_F(CertificateTest, SaysWhoAServerIs) {
  const auto files = authority_.party(Role::server, "gpu-1", "gpu.example");
  const auto facts = facts_of_bytes(to_der(*parse_certificate(read(files.certificate)).value()));
  ASSERT_TRUE(facts.has_value()) << to_string(facts.error());
  EXPECT_EQ(facts->identity, (Identity{"study", Role::server, "gpu-1"}));
  EXPECT_FALSE(facts->signing_key.has_value());
  EXPECT_EQ(facts->dns_name, "gpu.example");
  EXPECT_FALSE(facts->may_be_client);
  EXPECT_TRUE(facts->may_be_server);
  EXPECT_TRUE(check_usage(*facts).has_value());
}

TEST_F(CertificateTest, TakesAddressesForHosts) {
  const auto files = authority_.party(Role::aggregator, "hub", "192.0.2.7");
  EXPECT_EQ(facts_of_bytes(read(files.certificate))->dns_name, "");
}

TEST_F(CertificateTest, RefusesWhatHasNoIdentity) {
  const auto authority = facts_of_bytes(read(authority_.authority().certificate_path()));
  ASSERT_FALSE(authority.has_value());
  EXPECT_EQ(authority.error().code, Errc::malformed);
  EXPECT_NE(authority.error().detail.find("names"), std::string::npos);
}

TEST_F(CertificateTest, RefusesNamesThatAreNone) {
  SubjectNames names = authority_.names(Role::server, "gpu-1");
  names.dns_names = {"not a host"};
  const auto facts = facts_of_bytes(read(authority_.odd_party(spec(names)).certificate));
  ASSERT_FALSE(facts.has_value());
  EXPECT_EQ(facts.error().code, Errc::malformed);
  EXPECT_NE(facts.error().detail.find("host name"), std::string::npos);
}

TEST_F(CertificateTest, RefusesOneWithoutUsages) {
  auto odd = spec(authority_.names(Role::hospital, "st-anna"));
  odd.may_be_client = false;
  const auto facts = facts_of_bytes(read(authority_.odd_party(odd).certificate));
  ASSERT_FALSE(facts.has_value());
  EXPECT_EQ(facts.error().code, Errc::malformed);
  EXPECT_NE(facts.error().detail.find("key usages"), std::string::npos);
}

TEST_F(CertificateTest, RefusesGarbage) {
  Bytes der =
      to_der(*parse_certificate(read(authority_.party(Role::server, "a").certificate)).value());
  der.push_back(0);
  EXPECT_FALSE(facts_of_bytes(der).has_value()) << "trailing bytes";
  der.resize(der.size() / 2);
  EXPECT_FALSE(facts_of_bytes(der).has_value());
  EXPECT_FALSE(facts_of_bytes({}).has_value());
  EXPECT_FALSE(facts_of_bytes(Bytes(max_pem_bytes + 1, 0x30)).has_value());
  const auto text = facts_of_bytes(as_bytes("-----BEGIN CERTIFICATE-----\nAAAA\n"));
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code, Errc::malformed);
}

TEST_F(CertificateTest, NamesTheUsageThatIsNotItsRoles) {
  for (const Role role : {Role::hospital, Role::server, Role::aggregator}) {
    for (const auto& [client, server] :
         {std::pair{true, true}, {role != Role::hospital, role == Role::hospital}}) {
      auto odd = spec(authority_.names(role, "x"));
      odd.may_be_client = client;
      odd.may_be_server = server;
      const auto facts = facts_of_bytes(read(authority_.odd_party(odd).certificate));
      ASSERT_TRUE(facts.has_value());
      const Status usage = check_usage(*facts);
      ASSERT_FALSE(usage.has_value());
      EXPECT_EQ(usage.error().code, Errc::mismatch);
      EXPECT_NE(usage.error().detail.find("not for its role"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace hippocrypt::net
