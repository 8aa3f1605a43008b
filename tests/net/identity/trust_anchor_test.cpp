#include "net/identity/trust_anchor.hpp"

#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_authority.hpp"

namespace hippocrypt::net {
namespace {

using Clock = std::chrono::system_clock;
using namespace std::chrono_literals;

class TrustAnchorTest : public testing::Test {
 protected:
  TrustAnchor load(const test_support::TestAuthority& authority) const {
    return TrustAnchor::load(authority.authority().certificate_path(),
                             authority.authority().revoked_path())
        .value();
  }
  static void expect_refused(const TrustAnchor& anchor, const std::filesystem::path& certificate,
                             Errc code, const std::string& sentence,
                             Clock::time_point now = Clock::now()) {
    const auto facts = anchor.verify(read_file(certificate, max_pem_bytes).value(), now);
    ASSERT_FALSE(facts.has_value()) << sentence;
    EXPECT_EQ(facts.error().code, code) << facts.error().detail;
    EXPECT_NE(facts.error().detail.find(sentence), std::string::npos) << facts.error().detail;
  }
  std::filesystem::path file(const char* name, ByteView content) const {
    const auto path = folder_.path() / name;
    EXPECT_TRUE(write_file_atomically(path, content).has_value());
    return path;
  }

  test_support::TemporaryFolder folder_;
  test_support::TestAuthority ours_{folder_.path() / "ours"};
};

TEST_F(TrustAnchorTest, KnowsItsOwn) {
  const TrustAnchor anchor = load(ours_);
  EXPECT_EQ(anchor.authority().federation, "study");
  EXPECT_EQ(anchor.authority().fingerprint.size(), 39U);
  const auto files = ours_.party(Role::hospital, "st-anna");
  const auto facts =
      anchor.verify(read_file(files.certificate, max_pem_bytes).value(), Clock::now());
  ASSERT_TRUE(facts.has_value()) << to_string(facts.error());
  EXPECT_EQ(facts->identity.name, "st-anna");
  const auto behind = Clock::now() - 50min;  // a clock that is wrong by less than an hour
  EXPECT_TRUE(
      anchor.verify(read_file(files.certificate, max_pem_bytes).value(), behind).has_value());
}

TEST_F(TrustAnchorTest, RefusesAnotherAuthoritysThoughItHasTheSameName) {
  test_support::TestAuthority theirs{folder_.path() / "theirs", "study", 2};
  const auto files = theirs.party(Role::hospital, "st-anna");
  expect_refused(load(ours_), files.certificate, Errc::mismatch, "did not sign");
  const auto mixed =
      TrustAnchor::load(ours_.authority().certificate_path(), theirs.authority().revoked_path());
  ASSERT_FALSE(mixed.has_value());
  EXPECT_EQ(mixed.error().code, Errc::mismatch);
}

TEST_F(TrustAnchorTest, RefusesWhatIsNotValidNow) {
  const auto certificate = ours_.party(Role::server, "gpu-1").certificate;
  const TrustAnchor anchor = load(ours_);
  expect_refused(anchor, certificate, Errc::stale, "expired", Clock::now() + 31 * 24h);
  expect_refused(anchor, certificate, Errc::stale, "not valid yet", Clock::now() - 2h);
}

TEST_F(TrustAnchorTest, RefusesWhatIsRevoked) {
  const auto kept = ours_.party(Role::server, "gpu-1").certificate;
  const auto lost = ours_.party(Role::server, "gpu-1").certificate;
  ours_.revoke(lost);
  const TrustAnchor anchor = load(ours_);
  expect_refused(anchor, lost, Errc::stale, "revoked");
  EXPECT_TRUE(anchor.verify(read_file(kept, max_pem_bytes).value(), Clock::now()).has_value());
  const auto without_list = TrustAnchor::load(ours_.authority().certificate_path(), {}).value();
  EXPECT_TRUE(
      without_list.verify(read_file(lost, max_pem_bytes).value(), Clock::now()).has_value());
}

TEST_F(TrustAnchorTest, RefusesAnotherFederationsAndOtherUsages) {
  CertificateSpec spec{
      ours_.names(Role::hospital, "x"), {}, {Clock::now() - 1h, Clock::now() + 1h}, true, false};
  spec.names.identity.federation = "other";
  expect_refused(load(ours_), ours_.odd_party(spec).certificate, Errc::mismatch,
                 "for the federation other");
  spec.names.identity.federation = "study";
  spec.may_be_server = true;
  expect_refused(load(ours_), ours_.odd_party(spec).certificate, Errc::mismatch, "for its role");
}

TEST_F(TrustAnchorTest, RefusesACertificateThatAPartySigned) {
  const auto party = ours_.party(Role::server, "gpu-1");
  const auto signer = KeyPair::load(party.key).value();
  const auto issuer =
      parse_certificate(read_file(party.certificate, max_pem_bytes).value()).value();
  const CertificateSpec spec{
      ours_.names(Role::hospital, "x"), {1}, {Clock::now() - 1h, Clock::now() + 1h}, true, false};
  const auto forged = write_certificate(spec, signer.handle(), *issuer, signer.handle());
  const auto path = file("forged.crt", as_bytes(to_pem(*forged) + to_pem(*issuer)));
  expect_refused(load(ours_), path, Errc::mismatch, "did not sign");
}

TEST_F(TrustAnchorTest, NamesTheFileThatIsWrong) {
  const auto party = ours_.party(Role::server, "gpu-1");
  const auto garbage = file("garbage", as_bytes("garbage"));
  const auto good = ours_.authority().certificate_path();
  for (const auto& [authority, revoked, code, sentence] :
       std::vector<std::tuple<std::filesystem::path, std::filesystem::path, Errc, std::string>>{
           {folder_.path() / "none", {}, Errc::not_found, "none"},
           {garbage, {}, Errc::malformed, "garbage"},
           {party.certificate, {}, Errc::malformed, "not the certificate of a federation's"},
           {good, folder_.path() / "none", Errc::not_found, "none"},
           {good, garbage, Errc::malformed, "garbage"}}) {
    const auto anchor = TrustAnchor::load(authority, revoked);
    ASSERT_FALSE(anchor.has_value()) << sentence;
    EXPECT_EQ(anchor.error().code, code);
    EXPECT_NE(anchor.error().detail.find(sentence), std::string::npos) << anchor.error().detail;
  }
  expect_refused(load(ours_), garbage, Errc::malformed, "no certificate");
}

}  // namespace
}  // namespace hippocrypt::net
