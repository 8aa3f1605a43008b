#include "net/provision/request.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "net/provision/certificate_writer.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::net {
namespace {

class RequestTest : public testing::Test {
 protected:
  static void expect_refused(const std::string& pem, Errc code, const std::string& sentence) {
    const auto request = read_request(as_bytes(pem));
    ASSERT_FALSE(request.has_value()) << sentence;
    EXPECT_EQ(request.error().code, code);
    EXPECT_NE(request.error().detail.find(sentence), std::string::npos) << request.error().detail;
  }

  test_support::SeededRandom random_{3};
  KeyPair key_ = KeyPair::create(random_);
  SubjectNames names_{{"study", Role::server, "gpu-1"}, {}, {"gpu.example"}, {"192.0.2.7"}};
};

TEST_F(RequestTest, IsReadAsItWasMade) {
  const auto pem = make_request(names_, key_).value();
  const auto request = read_request(as_bytes(pem));
  ASSERT_TRUE(request.has_value()) << to_string(request.error());
  EXPECT_EQ(request->names, names_);
  EXPECT_EQ(EVP_PKEY_eq(request->key.get(), &key_.handle()), 1);
  EXPECT_EQ(make_request(names_, key_).value(), pem);
}

TEST_F(RequestTest, HasAFingerprintOfAllThatItSays) {
  const auto fingerprint = [&](const SubjectNames& names, const KeyPair& key) {
    return read_request(as_bytes(make_request(names, key).value()))->fingerprint;
  };
  SubjectNames others = names_;
  others.dns_names = {"evil.example"};
  EXPECT_NE(fingerprint(names_, key_), fingerprint(others, key_));
  EXPECT_NE(fingerprint(names_, key_), fingerprint(names_, KeyPair::create(random_)));
}

TEST_F(RequestTest, IsNotMadeForNamesThatItsRoleMayNotHave) {
  names_.identity.role = Role::hospital;
  const auto made = make_request(names_, key_);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().code, Errc::malformed);
  expect_refused(to_pem(*write_request(names_, key_.handle())), Errc::malformed, "never called");
}

TEST_F(RequestTest, IsRefusedWhenItWasChanged) {
  const auto parsed =
      parse_certificate_request(as_bytes(make_request(names_, key_).value())).value();
  ASSERT_EQ(X509_REQ_set_pubkey(parsed.get(), &KeyPair::create(random_).handle()), 1);
  expect_refused(to_pem(*parsed), Errc::malformed, "not signed with the key");
  expect_refused("garbage", Errc::malformed, "no request");
}

TEST_F(RequestTest, IsRefusedWithoutNames) {
  const RequestPointer request{X509_REQ_new()};
  X509_REQ_set_pubkey(request.get(), &key_.handle());
  ASSERT_GT(X509_REQ_sign(request.get(), &key_.handle(), nullptr), 0);
  expect_refused(to_pem(*request), Errc::malformed, "holds no names");
}

TEST_F(RequestTest, IsRefusedForAWeakKey) {
  const KeyPointer weak{EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024})};
  ASSERT_NE(weak, nullptr);
  expect_refused(to_pem(*write_request(names_, *weak)), Errc::unsupported, "weak key");
}

TEST_F(RequestTest, MayBeForAnEllipticCurve) {
  const KeyPointer curve{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  ASSERT_NE(curve, nullptr);
  EXPECT_TRUE(read_request(as_bytes(to_pem(*write_request(names_, *curve)))).has_value());
}

}  // namespace
}  // namespace hippocrypt::net
