#include "net/identity/subject_names.hpp"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <memory>

#include "net/identity/x509.hpp"

namespace hippocrypt::net {
namespace {

struct Name {
  int type;
  std::string value;
};

Result<SubjectNames> read(const std::vector<Name>& names) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> list{GENERAL_NAMES_new(),
                                                                           &GENERAL_NAMES_free};
  for (const auto& [type, value] : names) {
    ASN1_STRING* const text =
        ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
    GENERAL_NAME* const name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, text);
    sk_GENERAL_NAME_push(list.get(), name);
  }
  return read_names(*list);
}

const Name anna{GEN_URI, "urn:hippocrypt:study:hospital:st-anna"};
const Name key{GEN_URI, "urn:hippocrypt:signing-key:" + std::string(64, 'a')};

TEST(SubjectNamesTest, ReadsAllOfThem) {
  const auto names = read({{GEN_EMAIL, "it@st-anna.example"},
                           key,
                           {GEN_URI, "https://st-anna.example"},
                           anna,
                           {GEN_DNS, "a.example"},
                           {GEN_DNS, "b.example"},
                           {GEN_IPADD, std::string("\xc0\x00\x02\x07", 4)},
                           {GEN_IPADD, std::string(15, '\0') + '\1'}});
  ASSERT_TRUE(names.has_value()) << to_string(names.error());
  EXPECT_EQ(names->identity, (Identity{"study", Role::hospital, "st-anna"}));
  EXPECT_EQ(names->signing_key.value().front(), 0xaa);
  EXPECT_EQ(names->dns_names, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_EQ(names->addresses, (std::vector<std::string>{"192.0.2.7", "::1"}));
}

TEST(SubjectNamesTest, RefusesEverythingElse) {
  const std::string nul{"urn:hippocrypt:study:hospital:st-anna\0x", 39};
  for (const auto& [names, sentence] : std::vector<std::pair<std::vector<Name>, std::string>>{
           {{}, "no identity"},
           {{key}, "no identity"},
           {{anna, anna}, "more than one identity"},
           {{anna, {GEN_URI, "urn:hippocrypt:study:server:st-anna"}}, "more than one identity"},
           {{{GEN_URI, "urn:hippocrypt:study:nurse:x"}}, "role"},
           {{{GEN_URI, nul}}, "names are letters"},
           {{anna, key, key}, "more than one signing key"},
           {{anna, {GEN_URI, "urn:hippocrypt:signing-key:abcd"}}, "64 hex digits"},
           {{anna, {GEN_URI, "urn:hippocrypt:signing-key:" + std::string(64, 'g')}}, "64 hex"},
           {{anna, {GEN_DNS, std::string("a.example\0.evil", 14)}}, "host name"},
           {{anna, {GEN_DNS, "*.example"}}, "host name"},
           {{anna, {GEN_IPADD, "12345"}}, "neither IPv4 nor IPv6"}}) {
    const auto read_back = read(names);
    ASSERT_FALSE(read_back.has_value()) << sentence;
    EXPECT_EQ(read_back.error().code, Errc::malformed);
    EXPECT_NE(read_back.error().detail.find(sentence), std::string::npos)
        << read_back.error().detail;
  }
}

TEST(SubjectNamesTest, KnowsWhichRoleMayHaveWhichNames) {
  SubjectNames hospital{{"study", Role::hospital, "a"}, std::array<std::uint8_t, 32>{}, {}, {}};
  SubjectNames server{{"study", Role::server, "a"}, {}, {"a.example"}, {}};
  SubjectNames by_address{{"study", Role::aggregator, "a"}, {}, {}, {"::1"}};
  EXPECT_TRUE(check_names(hospital).has_value());
  EXPECT_TRUE(check_names(server).has_value());
  EXPECT_TRUE(check_names(by_address).has_value());
  const auto refuses = [](SubjectNames names, auto change, const std::string& sentence) {
    change(names);
    const Status status = check_names(names);
    ASSERT_FALSE(status.has_value()) << sentence;
    EXPECT_EQ(status.error().code, Errc::malformed);
    EXPECT_NE(status.error().detail.find(sentence), std::string::npos) << status.error().detail;
  };
  refuses(
      hospital, [](auto& n) { n.signing_key.reset(); }, "no signing key");
  refuses(
      hospital, [](auto& n) { n.dns_names = {"a.example"}; }, "never called");
  refuses(
      hospital, [](auto& n) { n.identity.name = "a b"; }, "letters");
  refuses(
      hospital, [](auto& n) { n.identity.federation = ""; }, "letters");
  refuses(
      hospital, [](auto& n) { n.identity.federation = "signing-key"; }, "no name for");
  refuses(
      server, [](auto& n) { n.dns_names.clear(); }, "no host");
  refuses(
      server, [](auto& n) { n.signing_key.emplace(); }, "only hospitals");
  refuses(
      server, [](auto& n) { n.dns_names = {"a..b"}; }, "neither a DNS name");
  refuses(
      by_address, [](auto& n) { n.addresses = {"1.2.3"}; }, "neither a DNS name");
}

TEST(SubjectNamesTest, KnowsHostsAndAddresses) {
  for (const char* name : {"localhost", "a.b-c.example", "1.2.3.4", "x"}) {
    EXPECT_TRUE(is_dns_name(name)) << name;
  }
  for (const std::string& name :
       {std::string{}, std::string{"."}, std::string{"a."}, std::string{"-a"}, std::string{"a-.b"},
        std::string{"a_b"}, std::string(64, 'a'), std::string(254, 'a')}) {
    EXPECT_FALSE(is_dns_name(name)) << name;
  }
  EXPECT_TRUE(is_address("127.0.0.1"));
  EXPECT_TRUE(is_address("2001:db8::1"));
  EXPECT_FALSE(is_address("localhost"));
}

TEST(SubjectNamesTest, SpeaksFingerprintsInGroups) {
  EXPECT_EQ(spoken_fingerprint(as_bytes("abc")), "ba78 16bf 8f01 cfea 4141 40de 5dae 2223");
}

}  // namespace
}  // namespace hippocrypt::net
