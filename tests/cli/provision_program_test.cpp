// `hippocrypt provision` as its users meet it.

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "cli/provision/expiry.hpp"
#include "federation/secagg/client/identity_key.hpp"
#include "net/identity/trust_anchor.hpp"
#include "tests/cli/program_runner.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class ProvisionProgramTest : public ProgramRunner {
 protected:
  static constexpr const char* hospital =
      "provision request --federation study --role hospital --name st-anna st-anna";
  static constexpr const char* server =
      "provision request --federation study --role server --name gpu --dns gpu.example "
      "--dns 192.0.2.7 gpu";

  /// What a command that must succeed prints with --json.
  json run_json(const std::string& arguments) const {
    const Outcome outcome = run(arguments + " --json");
    EXPECT_EQ(outcome.exit_code, 0) << arguments << ": " << outcome.err;
    return outcome.exit_code == 0 ? json::parse(outcome.out) : json{};
  }
  void expect_refused(const std::string& arguments, int exit_code, const std::string& part) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << arguments;
    EXPECT_EQ(outcome.err.rfind("error: ", 0), 0U) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
  }
  void init(int days = 400) const {
    run_json("provision init --federation study --days " + std::to_string(days) + " ca");
  }
  std::filesystem::perms mode(const char* name) const {
    return std::filesystem::status(folder() / name).permissions();
  }
};

TEST_F(ProvisionProgramTest, MakesCertificatesInThreeCommands) {
  const Outcome made = run("provision init --federation study --days 400 ca");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_TRUE(contains(made.out, "authority of the federation study")) << made.out;
  EXPECT_TRUE(contains(made.out, "(400 days left)")) << made.out;
  const Outcome asked = run(hospital);
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_TRUE(contains(asked.out, "st-anna/st-anna.key and st-anna/signing.key never leave"))
      << asked.out;
  const Outcome signed_ = run("provision sign --authority ca st-anna/st-anna.csr");
  ASSERT_EQ(signed_.exit_code, 0) << signed_.err;
  EXPECT_EQ(signed_.err, "");
  EXPECT_EQ(signed_.out.rfind("hospital st-anna of the federation study\n", 0), 0U);
  const auto at = asked.out.find("fingerprint ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_TRUE(contains(signed_.out, asked.out.substr(at, 51))) << "the same on both sides";
  for (const char* secret : {"ca/authority.key", "st-anna/st-anna.key", "st-anna/signing.key"}) {
    EXPECT_EQ(mode(secret), std::filesystem::perms{0600}) << secret;
  }
}

TEST_F(ProvisionProgramTest, ItsCertificatesHoldWhatTheyShould) {
  init();
  run_json(hospital);
  run_json(server);
  run_json("provision sign --authority ca st-anna/st-anna.csr");
  run_json("provision sign --authority ca gpu/gpu.csr --days 10 --out gpu/other.crt");
  const auto anchor =
      net::TrustAnchor::load(folder() / "ca/authority.crt", folder() / "ca/revoked.crl").value();
  const auto facts = [&](const char* name) {
    const Bytes pem = read_file(folder() / name, 10'000).value();
    return anchor.verify(pem, std::chrono::system_clock::now()).value();
  };
  const auto anna = facts("st-anna/st-anna.crt");
  test_support::SeededRandom random{1};
  const auto signing =
      federation::secagg::IdentityKey::load_or_create(folder() / "st-anna/signing.key", random);
  EXPECT_EQ(anna.signing_key, signing->public_part());
  EXPECT_EQ(anna.not_after, anchor.authority().not_after);
  const auto gpu = facts("gpu/other.crt");
  EXPECT_EQ(gpu.dns_name, "gpu.example");
  EXPECT_LT(gpu.not_after, std::chrono::system_clock::now() + 24h * 10);
  EXPECT_FALSE(std::filesystem::exists(folder() / "gpu/signing.key"));
}

TEST_F(ProvisionProgramTest, OverwritesNothing) {
  init();
  const std::string authority = read("ca/authority.crt");
  expect_refused("provision init --federation study --days 1 ca", 1, "there already");
  EXPECT_EQ(read("ca/authority.crt"), authority);
  run_json(server);
  const std::string request = read("gpu/gpu.csr"), key = read("gpu/gpu.key");
  EXPECT_FALSE(run_json(server).at("is_new").get<bool>()) << "the same request again";
  expect_refused(
      "provision request --federation study --role server --name gpu --dns b.example gpu", 1,
      "differs and is not overwritten");
  EXPECT_EQ(read("gpu/gpu.csr"), request);
  EXPECT_EQ(read("gpu/gpu.key"), key);
  run_json("provision sign --authority ca gpu/gpu.csr");
  const std::string certificate = read("gpu/gpu.crt");
  expect_refused("provision sign --authority ca gpu/gpu.csr", 1, "gpu.crt is there already");
  EXPECT_EQ(read("gpu/gpu.crt"), certificate);
  EXPECT_EQ(run_json("provision show ca").at("certificates").size(), 1U);
}

TEST_F(ProvisionProgramTest, RenewsByTheSameRequestAndSaysSo) {
  init();
  run_json(hospital);
  run_json("provision sign --authority ca st-anna/st-anna.csr --days 5");
  const Outcome renewed =
      run("provision sign --authority ca st-anna/st-anna.csr --out st-anna/2.crt");
  EXPECT_EQ(renewed.exit_code, 0);
  EXPECT_TRUE(contains(renewed.err, "warning: hospital st-anna has another certificate"))
      << renewed.err;
  const Outcome shown = run("provision show ca");
  EXPECT_EQ(shown.err, "") << "the renewed one is not warned about";
  const auto list = run_json("provision show ca").at("certificates");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].at("signing_key"), list[1].at("signing_key"));
}

TEST_F(ProvisionProgramTest, RevokesByNameSerialAndFile) {
  init();
  run_json(server);
  run_json(hospital);
  run_json("provision sign --authority ca gpu/gpu.csr");
  run_json("provision sign --authority ca gpu/gpu.csr --out 2.crt");
  run_json("provision sign --authority ca gpu/gpu.csr --out 3.crt");
  run_json("provision sign --authority ca st-anna/st-anna.csr");
  const auto state = [&](const char* file) {
    const auto anchor =
        net::TrustAnchor::load(folder() / "ca/authority.crt", folder() / "ca/revoked.crl").value();
    return anchor
        .verify(read_file(folder() / file, 10'000).value(), std::chrono::system_clock::now())
        .has_value();
  };
  const Outcome by_file = run("provision revoke --authority ca 2.crt");
  ASSERT_EQ(by_file.exit_code, 0) << by_file.err;
  EXPECT_TRUE(contains(by_file.out, "revoked: server gpu, serial ")) << by_file.out;
  EXPECT_FALSE(state("2.crt"));
  EXPECT_TRUE(state("3.crt"));
  const std::string serial = run_json("provision show 3.crt").at("serial");
  EXPECT_EQ(run_json("provision revoke --authority ca " + serial).at("revoked"), json{serial});
  EXPECT_FALSE(state("3.crt"));
  EXPECT_TRUE(state("gpu/gpu.crt"));
  run_json("provision revoke --authority ca gpu");
  EXPECT_FALSE(state("gpu/gpu.crt"));
  EXPECT_TRUE(state("st-anna/st-anna.crt"));
  EXPECT_TRUE(contains(run("provision show ca").out, "revoked"));
  expect_refused("provision revoke --authority ca nobody", 1, "has signed nothing for nobody");
  expect_refused("provision revoke --authority ca ca/authority.crt", 1, "authority.crt");
}

TEST_F(ProvisionProgramTest, AsksWhichPartyOfTwoWithOneName) {
  init();
  run_json(server);
  run_json(
      "provision request --federation study --role aggregator --name gpu --dns b.example other");
  run_json("provision sign --authority ca gpu/gpu.csr");
  run_json("provision sign --authority ca other/gpu.csr");
  expect_refused("provision revoke --authority ca gpu", 2, "two roles");
}

TEST_F(ProvisionProgramTest, RefusesWhatIsNotItsOwn) {
  init();
  expect_refused("provision sign --authority ca ca/authority.crt", 1, "no request");
  expect_refused("provision sign --authority ca none.csr", 1, "none.csr");
  expect_refused("provision sign --authority none none.csr", 1, "authority.crt");
  run_json("provision request --federation other --role server --name gpu --dns gpu.example gpu");
  expect_refused("provision sign --authority ca gpu/gpu.csr", 1, "federation other");
  expect_refused("provision sign --authority gpu gpu/gpu.csr", 1, "authority.crt");
  std::filesystem::permissions(folder() / "ca/authority.key", std::filesystem::perms{0640});
  expect_refused("provision sign --authority ca gpu/gpu.csr", 4, "others than its owner");
  EXPECT_FALSE(std::filesystem::exists(folder() / "gpu/gpu.crt"));
}

TEST_F(ProvisionProgramTest, MistakesOnTheCommandLineExitWithTwo) {
  init();
  run_json(server);
  for (const auto& [arguments, part] : std::vector<std::pair<std::string, std::string>>{
           {"provision", "subcommand"},
           {"provision init --federation study x", "--days"},
           {"provision init --federation study --days 0 x", "days"},
           {"provision init --federation study --days 99999 x", "days"},
           {"provision init --federation 'a b' --days 10 x", "name"},
           {"provision request --federation study --role nurse --name a x", "--role"},
           {"provision request --federation study --role server --name a x", "--dns says which"},
           {"provision request --federation study --role hospital --name a --dns b.example x",
            "never called"},
           {"provision request --federation study --role server --name a --dns 'a b' x", "host"},
           {"provision request --federation study --role hospital --name a/b x", "letters"},
           {"provision request --federation study --role hospital --name signing x", "no name"},
           {"provision sign --authority ca gpu/gpu.csr --days 401", "days left"}}) {
    expect_refused(arguments, 2, part);
  }
  EXPECT_FALSE(std::filesystem::exists(folder() / "x"));
}

TEST_F(ProvisionProgramTest, ShowsEveryFileAndWarnsInTime) {
  init(20);
  run_json(server);
  EXPECT_TRUE(contains(run("provision show gpu/gpu.csr").out, "request of server gpu"));
  const json request = run_json("provision show gpu/gpu.csr");
  EXPECT_EQ(request.at("hosts"), (json{"gpu.example", "192.0.2.7"}));
  run_json("provision sign --authority ca gpu/gpu.csr");
  const Outcome certificate = run("provision show gpu/gpu.crt");
  EXPECT_TRUE(contains(certificate.out, "host        gpu.example")) << certificate.out;
  EXPECT_TRUE(contains(certificate.err, "warning: the certificate of server gpu expires in"))
      << certificate.err;
  const Outcome authority = run("provision show ca");
  EXPECT_EQ(authority.exit_code, 0);
  EXPECT_TRUE(contains(authority.err, "warning: the authority's certificate expires in"));
  EXPECT_TRUE(contains(authority.out, "server  gpu")) << authority.out;
  EXPECT_EQ(run_json("provision show ca/authority.crt").at("federation"), "study");
  EXPECT_EQ(run_json("provision show gpu").at("files").size(), 2U);
  expect_refused("provision show gpu/gpu.key", 1, "private key");
  expect_refused("provision show ca/revoked.crl", 1, "revocation list");
  expect_refused("provision show nowhere", 1, "nowhere");
  std::filesystem::create_directory(folder() / "empty");
  expect_refused("provision show empty", 1, "holds no certificate");
}

TEST(ExpiryTest, CountsWholeDays) {
  const WallTime now{std::chrono::hours{24} * 20'000};  // 2024-10-04
  EXPECT_EQ(expiry_text(now + 24h * 40, now), "2024-11-13 (40 days left)");
  EXPECT_EQ(expiry_text(now + 35h, now), "2024-10-05 (1 day left)");
  EXPECT_EQ(expiry_text(now - 49h, now), "2024-10-01 (expired 2 days ago)");
  EXPECT_EQ(expiry_warning(now + 24h * 30, now), "");
  EXPECT_EQ(expiry_warning(now + 24h * 30 - 1s, now), "expires in 30 days");
  EXPECT_EQ(expiry_warning(now, now), "has expired");
  EXPECT_EQ(iso_time(now), "2024-10-04T00:00:00Z");
}

}  // namespace
}  // namespace hippocrypt::cli
