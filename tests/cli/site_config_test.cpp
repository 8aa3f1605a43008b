// What a party's own file may say, and the federation's file as a party reads it.

#include "cli/config/site_config.hpp"

#include <cmath>

#include "tests/cli/config_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using federation::PartyRole;

class SiteConfigTest : public ConfigTest {
 protected:
  void SetUp() override {
    ConfigTest::SetUp();
    for (const char* name : {"ca.crt", "own.crt", "own.key", "revoked.crl"}) write(name, "PEM\n");
    std::filesystem::create_directories(folder_ / "certificates");
    write("federation.toml", sound() + "[secagg]\nenabled = false\n");
  }

  static std::string head(const std::string& role, const std::string& more = {}) {
    return "[site]\nrole = \"" + role +
           "\"\nname = \"st-anna\"\nfederation = \"federation.toml\"\n" + more +
           "[tls]\nauthority = \"ca.crt\"\ncertificate = \"own.crt\"\nkey = \"own.key\"\n";
  }
  static std::string hospital(const std::string& more = {}) {
    return head("hospital") + "[hospital]\nnotes = \"data/c.jsonl\"\nfolder = \"state\"\n" + more +
           "[aggregator]\nhost = \"aggregator.example\"\nport = 8443\n";
  }
  static std::string server(const std::string& more = {}) {
    return head("server") + "[listen]\nport = 8443\n[[model]]\npath = \"data/model\"\n" + more;
  }
  static std::string aggregator(const std::string& more = {}) {
    return head("aggregator", "certificates = \"certificates\"\n") + "[listen]\nport = 0\n" + more;
  }

  Result<federation::SiteFile> load_site_text(const std::string& text,
                                              const std::vector<std::string>& overrides = {}) {
    write("site.toml", text);
    return load_site(folder_ / "site.toml", overrides);
  }
  void expect_refused(const std::string& text, const std::vector<std::string>& parts) {
    const auto site = load_site_text(text);
    ASSERT_FALSE(site.has_value()) << text;
    EXPECT_EQ(site.error().code, Errc::invalid_config);
    for (const auto& part : parts) {
      EXPECT_NE(site.error().detail.find(part), std::string::npos)
          << "no \"" << part << "\" in: " << site.error().detail;
    }
  }
};

TEST_F(SiteConfigTest, ReadsAHospital) {
  const auto site = load_site_text(
      hospital(
          "budget = 2.5\nreport_budget = true\nhint_cache = \"4GB\"\nhint_source = \"compute\"\n") +
      "server_name = \"a.example\"\nproxy = \"http://proxy:3128\"\n"
      "[[server]]\nhost = \"s1\"\nport = 1\nblocks = "
      "\"0-15\"\n[[server]]\nhost = \"s2\"\nport = 2\n");
  ASSERT_TRUE(site.has_value()) << site.error().detail;
  EXPECT_EQ(site->role, PartyRole::hospital);
  EXPECT_EQ(site->name, "st-anna");
  EXPECT_EQ(site->federation, folder_ / "federation.toml");
  EXPECT_EQ(site->tls.authority, folder_ / "ca.crt");
  EXPECT_TRUE(site->tls.revoked.empty());
  EXPECT_EQ(site->hospital.folder, folder_ / "state");
  EXPECT_EQ(site->hospital.signing_key, folder_ / "signing.key") << "beside the other key";
  EXPECT_EQ(site->hospital.budget, 2.5);
  EXPECT_TRUE(site->hospital.report_budget);
  EXPECT_EQ(site->hospital.hint_cache_bytes, 4'000'000'000U);
  EXPECT_EQ(site->hospital.hint_source, federation::HintSource::compute);
  EXPECT_EQ(site->hospital.aggregator.host, "aggregator.example");
  EXPECT_EQ(site->hospital.aggregator.port, 8443);
  EXPECT_EQ(site->hospital.aggregator.server_name, "a.example");
  EXPECT_EQ(site->hospital.aggregator.proxy, "http://proxy:3128");
  ASSERT_EQ(site->hospital.servers.size(), 2U);
  EXPECT_EQ(site->hospital.servers[0].blocks, (protocol::BlockRange{0, 15}));
  EXPECT_TRUE(site->hospital.servers[1].blocks.holds(1000)) << "all where none are given";
}

TEST_F(SiteConfigTest, ReadsAServer) {
  const auto site = load_site_text(
      server("blocks = \"3\"\n[limits]\nsessions = 9\nqueue = 8\nmessages_per_s = 2.5\n"
             "memory = \"500MB\"\n"));
  ASSERT_TRUE(site.has_value()) << site.error().detail;
  ASSERT_EQ(site->server.models.size(), 1U);
  EXPECT_EQ(site->server.models[0].path, folder_ / "data" / "model");
  EXPECT_EQ(site->server.models[0].blocks, (protocol::BlockRange{3, 3}));
  EXPECT_EQ(site->server.listen.port, 8443);
  EXPECT_EQ(site->server.listen.address, "0.0.0.0");
  EXPECT_EQ(site->server.limits.sessions, 9U);
  EXPECT_EQ(site->server.limits.queue, 8U);
  EXPECT_EQ(site->server.limits.messages_per_s, 2.5);
  EXPECT_EQ(site->server.limits.memory_bytes, 500'000'000U);
  EXPECT_TRUE(site->server.certificates.empty());
}

TEST_F(SiteConfigTest, ReadsAnAggregator) {
  const auto site = load_site_text(aggregator("address = \"127.0.0.1\"\n"));
  ASSERT_TRUE(site.has_value()) << site.error().detail;
  EXPECT_EQ(site->aggregator.certificates, folder_ / "certificates");
  EXPECT_EQ(site->aggregator.runs, folder_ / "runs");
  EXPECT_EQ(site->aggregator.listen.address, "127.0.0.1");
}

TEST_F(SiteConfigTest, OverridesLieOverTheFile) {
  const auto site = load_site_text(hospital() + "[[server]]\nhost = \"s\"\nport = 1\n",
                                   {"aggregator.port=1234", "server.0.port=77"});
  ASSERT_TRUE(site.has_value()) << site.error().detail;
  EXPECT_EQ(site->hospital.aggregator.port, 1234);
  EXPECT_EQ(site->hospital.servers[0].peer.port, 77);
}

TEST_F(SiteConfigTest, RefusesWhatNoPartyCouldStartWith) {
  expect_refused("", {"site.role: missing", "hospital, server or aggregator"});
  expect_refused("[site]\nrole = \"client\"\n",
                 {":2: site.role = 'client': must be hospital, server or aggregator"});
  expect_refused("[site]\nrole = \"server\"\n", {"site.name: missing"});
  expect_refused("[site]\nrole = \"server\"\nname = \"a b\"\n", {":3: site.name", "folder name"});
  expect_refused("[site]\nrole = \"server\"\nname = \"a\"\nfederation = \"none.toml\"\n",
                 {":4: site.federation", "there is no file", "none.toml"});
  expect_refused("[site]\nrole = \"server\"\nname = \"a\"\nfederation = \"federation.toml\"\n",
                 {"tls.authority: missing"});
  expect_refused(head("aggregator") + "[listen]\nport = 1\n", {"site.certificates: missing"});
  expect_refused(head("aggregator", "certificates = \"none\"\n"),
                 {":5: site.certificates", "there is no folder"});
  expect_refused(head("aggregator", "certificates = \"certificates\"\n"), {"listen.port: missing"});
  expect_refused(head("server") + "[listen]\nport = 1\n", {"model: missing", "[[model]]"});
  expect_refused(head("hospital"), {"hospital.notes: missing"});
  expect_refused(head("hospital") + "[hospital]\nnotes = \"data/a.jsonl\"\n",
                 {"hospital.folder: missing"});
  expect_refused(head("hospital") + "[hospital]\nnotes = \"data/a.jsonl\"\nfolder = \"s\"\n",
                 {"aggregator.host: missing"});
}

TEST_F(SiteConfigTest, RefusesKeysOfOtherRoles) {
  expect_refused(hospital() + "[listen]\nport = 1\n",
                 {"listen: unknown key", "the file's sections are: site, tls, hospital"});
  expect_refused(head("hospital", "runs = \"r\"\n"), {":5: site.runs", "unknown key"});
  expect_refused(server("[limits]\nqueues = 3\n"), {"limits.queues", "did you mean 'queue'?"});
  expect_refused(hospital("hint_cahce = \"4GB\"\n"), {"did you mean 'hint_cache'?"});
}

TEST_F(SiteConfigTest, RefusesWrongValues) {
  expect_refused(hospital("hint_cache = \"4 GB\"\n"), {"hint_cache", "must be a size like"});
  expect_refused(hospital("hint_cache = \"0GB\"\n"), {"hint_cache", "must be a size like"});
  expect_refused(hospital("hint_source = \"guess\"\n"), {"hospital.hint_source", "compute"});
  expect_refused(hospital("budget = 0\n"), {"hospital.budget = 0: must be a number above 0"});
  expect_refused(hospital() + "proxy = \"proxy:3128\"\n",
                 {"aggregator.proxy", "http://proxy:3128"});
  expect_refused(hospital() + "[server]\nhost = \"s\"\n", {"server: must be a list", "[[server]]"});
  const std::string peer = "[[server]]\nhost = \"s\"\nport = 1\n";
  for (const char* blocks : {"", "x", "3-", "5-4", "1-2-3", "0-99999999999"}) {
    expect_refused(hospital() + peer + "blocks = \"" + blocks + "\"\n",
                   {"server.0.blocks", "must be a range of the model's blocks"});
  }
  expect_refused(hospital() + "[[server]]\nhost = \"s\"\nport = 0\n", {"from 1 to 65535"});
  expect_refused(server("[limits]\nmessages_per_s = 0\n"), {"must be a number above 0"});
}

TEST_F(SiteConfigTest, AProgramRunsOneRole) {
  write("site.toml", aggregator());
  EXPECT_TRUE(load_site_of(PartyRole::aggregator, folder_ / "site.toml", {}).has_value());
  const auto wrong = load_site_of(PartyRole::hospital, folder_ / "site.toml", {});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, Errc::invalid_config);
  EXPECT_NE(wrong.error().detail.find("has role = \"aggregator\""), std::string::npos);
}

TEST_F(SiteConfigTest, AHospitalsNotesAndBudgetComeFromItsOwnFile) {
  write("federation.toml",
        "[model]\npath = \"data/model\"\n[[hospital]]\nname = \"other\"\n[[hospital]]\nname = "
        "\"st-anna\"\nnotes = \"nowhere.jsonl\"\n[secagg]\nenabled = false\n");
  const auto site = load_site_text(hospital("budget = 2.5\n"));
  ASSERT_TRUE(site.has_value()) << site.error().detail;
  const auto config = load_federation_of(*site);
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(hospital_index(*config, *site), 1U);
  EXPECT_EQ(config->hospitals[1].notes, folder_ / "data" / "c.jsonl");
  EXPECT_EQ(config->hospitals[1].budget, 2.5);
  EXPECT_TRUE(std::isnan(config->hospitals[0].budget));
}

TEST_F(SiteConfigTest, TheFederationMustListTheHospital) {
  write("federation.toml", "[model]\npath = \"data/model\"\n[[hospital]]\nname = \"other\"\n");
  const auto site = load_site_text(hospital());
  ASSERT_TRUE(site.has_value()) << site.error().detail;
  const auto config = load_federation_of(*site);
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().code, Errc::invalid_config);
  EXPECT_NE(config.error().detail.find("lists no hospital 'st-anna'; it has other"),
            std::string::npos)
      << config.error().detail;
}

TEST_F(SiteConfigTest, OnlyASimulationDealsNotes) {
  write("federation.toml", sound() + "[[group]]\nname = \"g\"\ncount = 2\n");
  const auto site = load_site_text(hospital());
  ASSERT_TRUE(site.has_value()) << site.error().detail;
  const auto config = load_federation_of(*site);
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().detail.find("only a simulation can deal notes"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::cli
