#include "net/identity/certificate_folder.hpp"

#include <algorithm>
#include <fstream>

#include "net/identity/x509.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_authority.hpp"

namespace hippocrypt::net {
namespace {

class CertificateFolderTest : public testing::Test {
 protected:
  CertificateFolderTest() { std::filesystem::create_directories(certificates_); }
  void put(const std::filesystem::path& certificate, const std::string& name) {
    std::filesystem::copy_file(certificate, certificates_ / name);
  }
  test_support::TemporaryFolder folder_;
  test_support::TestAuthority authority_{folder_.path()};
  std::filesystem::path certificates_ = folder_.path() / "certificates";
};

TEST_F(CertificateFolderTest, HoldsTheHospitalsCertificates) {
  const auto anna = authority_.party(Role::hospital, "st-anna").certificate;
  put(anna, "st-anna.crt");
  put(authority_.party(Role::hospital, "st-bert").certificate, "other-name.crt");
  put(authority_.party(Role::server, "gpu-1", "gpu.example").certificate, "gpu-1.crt");
  put(authority_.authority().certificate_path(), "authority.crt");
  std::ofstream{certificates_ / "notes.txt"} << "no certificate";
  auto found = hospital_certificates(certificates_).value();
  ASSERT_EQ(found.size(), 2U);
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.facts.identity.name < b.facts.identity.name;
  });
  EXPECT_EQ(found[0].facts.identity, (Identity{"study", Role::hospital, "st-anna"}));
  EXPECT_EQ(found[1].facts.identity.name, "st-bert");
  const auto bytes = read_file(anna, max_pem_bytes).value();
  EXPECT_EQ(found[0].der, to_der(*parse_certificate(bytes).value()));
}

TEST_F(CertificateFolderTest, NamesWhatCannotBeRead) {
  const auto absent = hospital_certificates(folder_.path() / "absent");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Errc::not_found);
  EXPECT_NE(absent.error().detail.find("absent cannot be read"), std::string::npos);
  std::ofstream{certificates_ / "damaged.crt"} << "no certificate";
  const auto damaged = hospital_certificates(certificates_);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Errc::malformed);
  EXPECT_NE(damaged.error().detail.find("damaged.crt: "), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::net
