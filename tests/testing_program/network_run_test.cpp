// A federation of processes on this machine: the global adapter is that of the simulation with the
// same seeds, byte for byte, whoever is killed meanwhile.

#include <gtest/gtest.h>

#include "cli/config/site_config.hpp"
#include "cli/plan/run_plan.hpp"
#include "federation/common/run_record.hpp"
#include "federation/report/metrics_reader.hpp"
#include "federation/report/reported_budgets.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/tiny_network.hpp"

namespace hippocrypt::testing_program {
namespace {

using federation::RunStatus;
using test_support::ChildProcess;
using test_support::TinyNetwork;

constexpr std::chrono::seconds patience{120};

using Environment = std::map<std::string, std::string>;

class Parties {
 public:
  explicit Parties(const TinyNetwork& network) : network_{network} {}

  ChildProcess& aggregator(const Environment& environment = {}, const std::string& resume = {}) {
    std::vector<std::string> words{"aggregator", network_.site("aggregator").string()};
    if (!resume.empty()) {
      words.push_back("--resume");
      words.push_back(resume);
    }
    return start("aggregator", words, environment);
  }
  ChildProcess& hospital(const std::string& name, const Environment& environment = {}) {
    return start(name, {"join", network_.site(name).string()}, environment);
  }
  ChildProcess& server() {
    return start("server", {"server", network_.site("server").string()}, {});
  }
  void all_hospitals() {
    for (const auto& name : network_.hospitals()) hospital(name);
  }
  ChildProcess& operator[](const std::string& name) { return *running_.at(name); }

  /// Every party ends well by itself, but the server, which is told to.
  void expect_end() {
    for (auto& [name, process] : running_) {
      if (name == "server") continue;
      EXPECT_EQ(process->wait(patience), 0) << name << ":\n" << process->output();
    }
  }

 private:
  ChildProcess& start(const std::string& name, std::vector<std::string> words,
                      const Environment& environment) {
    words.insert(words.begin(), HIPPOCRYPT_TESTING_PROGRAM);
    running_.erase(name);
    running_[name] =
        std::make_unique<ChildProcess>(words, network_.folder() / (name + ".log"), environment);
    return *running_[name];
  }
  const TinyNetwork& network_;
  std::map<std::string, std::unique_ptr<ChildProcess>> running_;
};

Bytes adapter_in(const std::filesystem::path& run_folder) {
  const auto bytes = read_file(run_folder / "adapter" / "adapter_model.safetensors", 1 << 24);
  EXPECT_TRUE(bytes) << to_string(bytes.error());
  return bytes ? *bytes : Bytes{};
}

/// The folder's only entry but that of hints; empty where there is none.
std::filesystem::path only_in(const std::filesystem::path& folder) {
  std::error_code none;
  std::vector<std::filesystem::path> entries;
  for (const auto& entry : std::filesystem::directory_iterator{folder, none}) {
    if (entry.path().filename() != "hints") entries.push_back(entry.path());
  }
  EXPECT_LE(entries.size(), 1U) << folder;
  return entries.empty() ? std::filesystem::path{} : entries.front();
}

class NetworkRunTest : public ::testing::Test {
 protected:
  explicit NetworkRunTest(const std::string& sections = TinyNetwork::plain())
      : network_{
            std::string{"net_"} + ::testing::UnitTest::GetInstance()->current_test_info()->name(),
            sections} {}
  std::filesystem::path run_folder() const {
    return only_in(network_.folder() / "aggregator/runs");
  }
  std::filesystem::path state_of(const std::string& hospital) const {
    return only_in(network_.folder() / hospital / "state");
  }
  Bytes simulated() const {
    ChildProcess simulation{{HIPPOCRYPT_TESTING_PROGRAM, network_.federation().string(),
                             (network_.folder() / "simulated").string()},
                            network_.folder() / "simulation.log"};
    EXPECT_EQ(simulation.wait(patience), 0) << simulation.output();
    return adapter_in(network_.folder() / "simulated/net");
  }
  /// Everybody has the simulation's adapter, and says of itself that the run is finished.
  void expect_as_simulated() {
    const Bytes wanted = simulated();
    ASSERT_FALSE(wanted.empty());
    EXPECT_TRUE(adapter_in(run_folder()) == wanted) << "the aggregator's";
    EXPECT_EQ(federation::load_run_record(run_folder())->status, RunStatus::finished);
    for (const auto& name : network_.hospitals()) {
      EXPECT_TRUE(adapter_in(state_of(name)) == wanted) << name << "'s";
      const auto record = federation::load_run_record(state_of(name));
      ASSERT_TRUE(record) << to_string(record.error());
      EXPECT_EQ(record->status, RunStatus::finished);
      EXPECT_EQ(record->rounds, 3U);
      ASSERT_EQ(record->hospitals.size(), 1U);
      EXPECT_EQ(record->hospitals[0].steps, 3U) << name;
      EXPECT_EQ(record->hospitals[0].failure, "");
    }
  }

  cli::RunPlan planned(const std::string& hospital) const {
    const auto site = cli::load_site(network_.site(hospital), {}).value();
    cli::PlanOptions options;
    options.config = cli::load_federation_of(site).value();
    options.site = {cli::hospital_index(options.config, site), site.hospital.hint_cache_bytes};
    return cli::plan_run(options).value();
  }
  /// What hospitals and aggregator have counted is what `plan` says with the hospitals' files, to
  /// the byte. Where there are kills it is more.
  void expect_bytes_as_planned() const {
    federation::Traffic round;
    for (const auto& name : network_.hospitals()) {
      const auto plan = planned(name);
      const auto products = plan.server_products(plan.hospitals.front());
      const auto record = federation::load_run_record(state_of(name)).value();
      EXPECT_EQ(record.bytes_up, products.up) << name;
      EXPECT_EQ(record.bytes_down, products.down) << name;
      round += plan.hospitals.front().aggregator.round;
    }
    std::size_t rounds = 0;
    const auto metrics = federation::metrics::read_metrics(run_folder() / "metrics.jsonl").value();
    for (const auto& line : metrics.lines) {
      const auto* counted = std::get_if<federation::metrics::Round>(&line.event);
      if (counted == nullptr) continue;
      ++rounds;
      EXPECT_EQ(counted->bytes_up, round.up) << counted->round;
      if (counted->round == 1) {  // a round's summary leaves with the next one
        EXPECT_LT(counted->bytes_down, round.down);
      } else {
        EXPECT_EQ(counted->bytes_down, round.down) << counted->round;
      }
    }
    EXPECT_EQ(rounds, 3U);
  }

  TinyNetwork network_;
  Parties parties_{network_};
};

TEST_F(NetworkRunTest, ProcessesGetTheSimulationsAdapter) {
  parties_.all_hospitals();  // before there is anybody to reach
  parties_.aggregator();
  parties_.expect_end();
  expect_as_simulated();
  const auto budgets = federation::read_reported_budgets(run_folder(), run_folder().filename());
  ASSERT_TRUE(budgets) << to_string(budgets.error());
  ASSERT_EQ(budgets->statements.size(), 3 * network_.hospitals().size()) << "one a round";
  for (std::size_t i = 0; i < budgets->statements.size(); ++i) {
    const auto& [time, said, key, is_signed] = budgets->statements[i];
    EXPECT_TRUE(is_signed) << said.hospital;
    EXPECT_EQ(said.round, i % 3 + 1);
    EXPECT_EQ(said.steps, said.round);
    const auto own = federation::load_run_record(state_of(said.hospital));
    EXPECT_EQ(said.delta, own->delta + own->hospitals[0].delta_overflow);
    if (said.round == 3) {
      EXPECT_EQ(said.epsilon, own->hospitals[0].epsilon);
    } else {
      EXPECT_LT(said.epsilon, budgets->statements[i + 1].statement.epsilon);
    }
  }
  expect_bytes_as_planned();
  // Nothing that stays at a hospital is in what the aggregator keeps.
  const auto record = federation::load_run_record(run_folder());
  ASSERT_TRUE(record);
  for (const auto& hospital : record->hospitals) {
    EXPECT_TRUE(std::isnan(hospital.loss_before) && std::isnan(hospital.loss_after));
    EXPECT_EQ(hospital.ledger, "");
  }
}

/// The second hospital has its part of the model only.
class EncryptedNetworkRunTest : public NetworkRunTest {
 protected:
  EncryptedNetworkRunTest() : NetworkRunTest{TinyNetwork::encrypted()} {
    network_.leave_only_its_part("oncology");
  }
  std::uintmax_t kept_hints(const std::string& hospital) const {
    std::uintmax_t bytes = 0;
    for (const auto& file :
         std::filesystem::directory_iterator{network_.folder() / hospital / "state/hints"}) {
      EXPECT_NE(file.path().extension(), ".part") << file.path();
      if (file.path().extension() == ".hints") bytes += file.file_size();
    }
    return bytes;
  }
  /// Some of the second hospital's hints lie on its disk; the others, which it cannot compute, have
  /// been streamed.
  void expect_some_hints_streamed() const {
    EXPECT_GT(kept_hints("oncology"), 0U);
    EXPECT_LE(kept_hints("oncology"), 1'000'000U);
    EXPECT_GT(kept_hints("cardiology"), 2'000'000U);
    EXPECT_EQ(kept_hints("neurology"), kept_hints("cardiology"));
  }
};

TEST_F(EncryptedNetworkRunTest, ProcessesGetTheSimulationsAdapter) {
  parties_.aggregator();
  parties_.all_hospitals();
  parties_.server();
  parties_.expect_end();
  parties_["server"].signal(SIGTERM);
  EXPECT_EQ(parties_["server"].wait(patience), 0) << parties_["server"].output();
  expect_as_simulated();
  expect_bytes_as_planned();
  expect_some_hints_streamed();
}

TEST_F(EncryptedNetworkRunTest, AKilledServerAndHospitalGoOn) {
  parties_.server();
  parties_.aggregator();
  parties_.all_hospitals();
  auto& victim = parties_.hospital("oncology", {{"HIPPOCRYPT_KILL", "oncology:noised:2"}});
  ASSERT_EQ(victim.wait(patience), 128 + SIGKILL) << victim.output();
  parties_["server"].signal(SIGKILL);
  EXPECT_EQ(parties_["server"].wait(patience), 128 + SIGKILL);
  parties_.hospital("oncology");
  parties_.server();
  parties_.expect_end();
  expect_as_simulated();
  expect_some_hints_streamed();
}

TEST_F(NetworkRunTest, AKilledHospitalGoesOn) {
  parties_.aggregator();
  parties_.all_hospitals();
  auto& victim = parties_.hospital("oncology", {{"HIPPOCRYPT_KILL", "oncology:noised:2"}});
  ASSERT_EQ(victim.wait(patience), 128 + SIGKILL) << victim.output();
  parties_.hospital("oncology");
  parties_.expect_end();
  expect_as_simulated();
}

TEST_F(NetworkRunTest, AHospitalThatIsKilledWhenAllIsOverGetsItsAdapter) {
  parties_.aggregator();
  parties_.all_hospitals();
  auto& victim =
      parties_.hospital("oncology", {{"HIPPOCRYPT_KILL", "oncology:final adapter came:3"}});
  ASSERT_EQ(victim.wait(patience), 128 + SIGKILL) << victim.output();
  parties_.hospital("oncology");
  parties_.expect_end();
  expect_as_simulated();
}

TEST_F(NetworkRunTest, AKilledAggregatorGoesOn) {
  auto& victim = parties_.aggregator({{"HIPPOCRYPT_KILL", "aggregator:before global:2"}});
  parties_.all_hospitals();
  ASSERT_EQ(victim.wait(patience), 128 + SIGKILL) << victim.output();
  parties_.aggregator({}, run_folder().string());
  parties_.expect_end();
  expect_as_simulated();
}

TEST_F(NetworkRunTest, AnAggregatorThatIsKilledBeforeAllKnowTheEndTellsThem) {
  auto& victim = parties_.aggregator({{"HIPPOCRYPT_KILL", "aggregator:before the end:0"}});
  parties_.all_hospitals();
  ASSERT_EQ(victim.wait(patience), 128 + SIGKILL) << victim.output();
  parties_.aggregator({}, run_folder().string());
  parties_.expect_end();
  expect_as_simulated();
}

TEST_F(NetworkRunTest, AStoppedAggregatorTellsEverybodyAndGoesOn) {
  parties_.aggregator();
  parties_.hospital("cardiology");
  ASSERT_TRUE(parties_["aggregator"].wait_for("cardiology: connected", patience));
  parties_["aggregator"].signal(SIGTERM);
  EXPECT_EQ(parties_["aggregator"].wait(patience), 1);
  EXPECT_EQ(parties_["cardiology"].wait(patience), 1);
  EXPECT_NE(parties_["cardiology"].output().find("the aggregator was stopped"), std::string::npos)
      << parties_["cardiology"].output();
  EXPECT_EQ(federation::load_run_record(run_folder())->status, RunStatus::interrupted);
  parties_.aggregator({}, run_folder().string());
  parties_.all_hospitals();
  parties_.expect_end();
  expect_as_simulated();
}

TEST_F(NetworkRunTest, AHospitalWithOtherSettingsIsToldWhich) {
  const auto other = network_.folder() / "other.toml";
  std::string text = *read_text_file(network_.federation(), 1 << 20);
  text.replace(text.find("rank = 2"), 8, "rank = 3");
  std::ofstream{other} << text;
  auto site = *read_text_file(network_.site("oncology"), 1 << 20);
  site.replace(site.find("../federation.toml"), 18, "../other.toml");
  std::ofstream{network_.site("oncology")} << site;
  parties_.aggregator();
  auto& refuser = parties_.hospital("oncology");
  EXPECT_EQ(refuser.wait(patience), 1);
  EXPECT_NE(refuser.output().find("the aggregator runs with adapter.rank = 2, and this hospital's "
                                  "file has 3"),
            std::string::npos)
      << refuser.output();
  EXPECT_EQ(state_of("oncology"), "");
}

TEST_F(NetworkRunTest, AHospitalWithAnotherSigningKeyRefuses) {
  std::filesystem::copy_file(network_.folder() / "cardiology/signing.key",
                             network_.folder() / "oncology/signing.key",
                             std::filesystem::copy_options::overwrite_existing);
  parties_.aggregator();
  auto& refuser = parties_.hospital("oncology");
  EXPECT_EQ(refuser.wait(patience), 1);
  EXPECT_NE(refuser.output().find("is not the signing key of this hospital's certificate"),
            std::string::npos)
      << refuser.output();
}

TEST_F(NetworkRunTest, ARenewedCertificateIsLetInOnceItIsInTheFolder) {
  parties_.aggregator();
  ASSERT_TRUE(parties_["aggregator"].wait_for("listening at", patience));
  network_.provision(net::Role::hospital, "oncology");  // once more, with the same keys
  parties_.all_hospitals();
  EXPECT_TRUE(parties_["aggregator"].wait_for(
      "urn:hippocrypt:study:hospital:oncology is none of this run's hospitals", patience))
      << parties_["aggregator"].output();
  std::filesystem::copy_file(network_.folder() / "oncology/site.crt",
                             network_.folder() / "certificates/oncology.crt",
                             std::filesystem::copy_options::overwrite_existing);
  parties_["aggregator"].signal(SIGHUP);
  parties_.expect_end();
  expect_as_simulated();
  EXPECT_NE(parties_["aggregator"].output().find("were read again"), std::string::npos);
}

TEST_F(NetworkRunTest, PartiesOfAnotherFederationDoNotMeet) {
  const TinyNetwork other{"net_other"};
  parties_.aggregator();
  ASSERT_TRUE(parties_["aggregator"].wait_for("listening at", patience));
  auto site = *read_text_file(other.site("oncology"), 1 << 20);
  const std::string port = "port = " + std::to_string(other.port);
  site.replace(site.find(port), port.size(), "port = " + std::to_string(network_.port));
  std::ofstream{other.site("oncology")} << site;
  ChildProcess stranger{{HIPPOCRYPT_TESTING_PROGRAM, "join", other.site("oncology").string()},
                        other.folder() / "stranger.log"};
  EXPECT_TRUE(stranger.wait_for("cannot be reached", patience)) << stranger.output();
  EXPECT_FALSE(stranger.wait(std::chrono::milliseconds{0}));
}

}  // namespace
}  // namespace hippocrypt::testing_program
