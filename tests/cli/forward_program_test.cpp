// DP-Forward as its users meet it: `embed`, training on noisy embeddings, the account in every
// output.

#include <sys/stat.h>

#include <cmath>

#include "base/key_file.hpp"
#include "model/files/safetensors.hpp"
#include "privacy/dp_forward/forward_account.hpp"
#include "privacy/ledger/ledger.hpp"
#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class ForwardProgramTest : public SimulateProgramTest {
 protected:
  Outcome embed(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"embed", "--model", "model",    "--notes", notes(),
                                       "--out", out,       "--tokens", "64"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  Outcome train(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"train",    "federation.toml", "--runs",     "out",
                                       "--oracle", "plain-fp32",      "--hospital", "cardiology"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  static std::vector<std::string> with_forward(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"--set", "privacy.dp_forward.epsilon=8", "--set",
                                       "privacy.dp_forward.delta=1e-6"};
    for (const std::string& text : more) arguments.insert(arguments.end(), {"--set", text});
    return arguments;
  }
  std::string notes() const { return notes_of(0).filename().string(); }
  std::vector<privacy::LedgerRow> rows(const std::filesystem::path& ledger) const {
    const auto opened =
        privacy::Ledger::open(folder() / ledger, privacy::LedgerMode::must_exist).value();
    return {opened.rows().begin(), opened.rows().end()};
  }
  std::filesystem::path embed_ledger() const { return notes() + ".ledger.sqlite"; }
};

TEST_F(ForwardProgramTest, EmbedChargesAndWritesOneTensorANote) {
  const Outcome outcome = embed("release", {"--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  EXPECT_EQ(document, json::parse(read_bytes(folder() / "release" / "metadata.json")));
  EXPECT_EQ(document.at("unit"), "sequence");
  EXPECT_EQ(document.at("relation"), "any_pair");
  EXPECT_NEAR(document.at("epsilon").get<double>(), 8.0, 1e-6);
  EXPECT_EQ(document.at("delta"), 1e-5);
  EXPECT_EQ(document.at("sensitivity"), 2.0);
  EXPECT_NEAR(document.at("standard_deviation").get<double>(), 1.2004581444, 1e-6);
  EXPECT_NEAR(
      document.at("signal_to_noise").get<double>() * document.at("noise_norm").get<double>(), 1.0,
      1e-9);
  const auto ledger = rows(embed_ledger());
  ASSERT_EQ(ledger.size(), 1U);
  EXPECT_TRUE(privacy::is_forward(ledger[0].entry));
  EXPECT_EQ(ledger[0].id, document.at("ledger_row").get<std::uint64_t>());

  const auto file = folder() / "release" / document.at("files").at(0).get<std::string>();
  auto tensors = model::SafetensorsFile::open(file).value();
  const auto count = document.at("sequences").get<std::size_t>();
  ASSERT_EQ(tensors.tensors().size(), count);
  double squares = 0;
  for (const auto& [name, info] : tensors.tensors()) {
    EXPECT_EQ(name.rfind("sequence_", 0), 0U) << "names say nothing of patients";
    // Every note has one shape, whatever its length.
    ASSERT_EQ(info.shape, (std::vector<std::uint64_t>{64, 32}));
    const Matrix values = tensors.read_matrix(name).value();
    for (const float value : values.values()) squares += static_cast<double>(value * value);
  }
  // Chi-square of the noise of all tensors; the signal adds at most 1 to each one's sum.
  const double degrees = static_cast<double>(count) * 64 * 32;
  EXPECT_NEAR(squares / (1.2004581444 * 1.2004581444), degrees,
              5 * std::sqrt(2 * degrees) + static_cast<double>(count));
}

TEST_F(ForwardProgramTest, EmbedAgainGivesTheSameBytesAndChargesNothing) {
  ASSERT_EQ(embed("a").exit_code, 0);
  const Outcome again = embed("b");
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(contains(again.out, "paid for before, in row 1")) << again.out;
  const char* file = "embeddings-00001-of-00001.safetensors";
  EXPECT_EQ(read_bytes(folder() / "a" / file), read_bytes(folder() / "b" / file));
  EXPECT_EQ(rows(embed_ledger()).size(), 1U);
  struct stat status {};
  ASSERT_EQ(::stat((folder() / (notes() + ".dp_forward.seed")).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  // Without the secret it is other noise, and charged until the budget ends.
  const Outcome forgotten = embed("c", {"--forget-seed", "--budget", "13"});
  ASSERT_EQ(forgotten.exit_code, 0) << forgotten.err;
  EXPECT_NE(read_bytes(folder() / "a" / file), read_bytes(folder() / "c" / file));
  EXPECT_EQ(rows(embed_ledger()).size(), 2U);
  EXPECT_TRUE(contains(forgotten.out, "epsilon 8.0000 at delta 1e-05")) << forgotten.out;
  EXPECT_TRUE(contains(forgotten.out, "12.2")) << forgotten.out;
  const Outcome refused = embed("d", {"--forget-seed", "--budget", "13"});
  expect_refused(refused, 3, {"epsilon to 15.", "budget is 13"});
  EXPECT_FALSE(std::filesystem::exists(folder() / "d"));
  EXPECT_EQ(rows(embed_ledger()).size(), 2U);
}

TEST_F(ForwardProgramTest, EmbedSaysWhatIsClaimed) {
  const Outcome outcome = embed("release");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"any pair of sequences", "not by patient", "models trained on it",
                           "signal has norm 1 at most", "(64 x 32 values)"}) {
    EXPECT_TRUE(contains(outcome.out, part)) << part << "\n" << outcome.out;
  }
}

TEST_F(ForwardProgramTest, EmbedRefusesWhatItCannotDo) {
  expect_refused(embed("x", {"--epsilon", "-1"}), 2, {"--epsilon"});
  expect_refused(embed("x", {"--clip", "0"}), 2, {"clip is 0"});
  expect_refused(embed("x", {"--epsilon", "8", "--noise-multiplier", "1"}), 2, {"excludes"});
  std::filesystem::create_directory(folder() / "there");
  expect_refused(embed("there"), 1, {"exists already", "another --out"});
  EXPECT_FALSE(std::filesystem::exists(folder() / embed_ledger())) << "nothing was charged";
}

TEST_F(ForwardProgramTest, TrainsOnNoisyEmbeddingsAndShowsTwoAccounts) {
  const Outcome outcome = train(with_forward());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"DP-Forward", "an account of its own", "8.0000", "1e-06", "clean tokens",
                           "not added up", "a ratio of"}) {
    EXPECT_TRUE(contains(outcome.out, part)) << part << "\n" << outcome.out;
  }
  const auto ledger = rows(std::filesystem::path{"out/tiny/hospitals/cardiology/ledger.sqlite"});
  ASSERT_GE(ledger.size(), 2U);
  EXPECT_TRUE(privacy::is_forward(ledger[0].entry)) << "charged before the first step";
  for (std::size_t i = 1; i < ledger.size(); ++i) {
    EXPECT_FALSE(privacy::is_forward(ledger[i].entry));
  }
  // The adapter's epsilon is what it is without DP-Forward.
  const Outcome plain = train({"--json"});
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  const json record = json::parse(read_bytes(run_folder() / "run.json"));
  EXPECT_EQ(record.at("hospitals").at(0).at("epsilon"),
            json::parse(plain.out).at("epsilon").get<double>());
  EXPECT_EQ(record.at("dp_forward").at("tokens"), 64);
  EXPECT_EQ(record.at("dp_forward").at("features"), 32);
  EXPECT_TRUE(json::parse(plain.out).at("dp_forward").empty());
}

TEST_F(ForwardProgramTest, LossRespondsToTheNoise) {
  const auto loss = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = more;
    arguments.insert(arguments.end(),
                     {"--json", "--set", "run.rounds=1", "--set",
                      std::string{"model.path="} + HIPPOCRYPT_SOURCE_DIR + "/data/model"});
    const Outcome outcome = train(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out).at("loss_before").get<double>();
  };
  const double clean = loss({});
  const auto noisy = [](const char* multiplier) {
    return std::vector<std::string>{
        "--set", "privacy.dp_forward.clip=1000", "--set",
        std::string{"privacy.dp_forward.noise_multiplier="} + multiplier};
  };
  EXPECT_NEAR(loss(noisy("1e-6")), clean, 2e-2);
  const double middle = loss(noisy("1e-4"));
  EXPECT_GT(middle, clean + 0.05);
  EXPECT_GT(loss(noisy("1e-2")), middle + 0.5);
}

TEST_F(ForwardProgramTest, AResumedRunIsNotChargedAgain) {
  const auto ledger = std::filesystem::path{"out/tiny/hospitals/cardiology/ledger.sqlite"};
  const auto count_forward = [&] {
    std::size_t count = 0;
    for (const auto& row : rows(ledger)) count += privacy::is_forward(row.entry) ? 1U : 0U;
    return count;
  };
  auto flags = with_forward({"run.rounds=12", "training.checkpoint_every=2"});
  auto first = flags;
  first.insert(first.end(), {"--set", "privacy.budget=5"});
  const Outcome stopped = train(first);
  EXPECT_EQ(stopped.exit_code, 3) << stopped.err;
  ASSERT_GT(rows(ledger).size(), 1U);
  EXPECT_EQ(count_forward(), 1U);
  flags.insert(flags.end(), {"--resume", "tiny"});
  const Outcome resumed = train(flags);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(count_forward(), 1U);
  // Without its secret the same run makes other noise, and pays for it.
  flags.resize(flags.size() - 2);
  ASSERT_EQ(train(first).exit_code, 3);  // tiny-2
  const auto second = std::filesystem::path{"out/tiny-2/hospitals/cardiology"};
  ASSERT_TRUE(std::filesystem::remove(folder() / second / "dp_forward.seed"));
  flags.insert(flags.end(), {"--resume", "tiny-2"});
  ASSERT_EQ(train(flags).exit_code, 0);
  std::size_t releases = 0;
  for (const auto& row : rows(second / "ledger.sqlite")) {
    releases += privacy::is_forward(row.entry) ? 1U : 0U;
  }
  EXPECT_EQ(releases, 2U);
}

TEST_F(ForwardProgramTest, SimulateKeepsASeedForEveryHospital) {
  const Outcome outcome = simulate_plain(with_forward());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines_with(outcome.out, {"DP-Forward: noisy embeddings"}), 1U) << outcome.out;
  for (const char* name : {"cardiology", "oncology", "neurology"}) {
    const auto seed = run_folder() / "hospitals" / name / "dp_forward.seed";
    EXPECT_TRUE(read_key_file(seed, "noise seed", 32).has_value());
  }
  const Outcome budget = run({"budget", run_folder().string()});
  ASSERT_EQ(budget.exit_code, 0) << budget.err;
  EXPECT_TRUE(contains(budget.out, "add/remove one unit")) << budget.out;
  EXPECT_EQ(lines_with(budget.out, {"DP-Forward: noisy embeddings", "any pair"}), 1U) << budget.out;
  EXPECT_EQ(lines_with(budget.out, {"cardiology", " 8.0000 ", "1e-06"}), 1U) << budget.out;
  const Outcome budget_json = run({"budget", run_folder().string(), "--json"});
  EXPECT_EQ(json::parse(budget_json.out).at("dp_forward").size(), 3U);

  const Outcome json_outcome = simulate_plain([&] {
    auto flags = with_forward();
    flags.emplace_back("--json");
    return flags;
  }());
  const json document = json::parse(json_outcome.out);
  ASSERT_EQ(document.at("dp_forward").size(), 3U);
  EXPECT_EQ(document.at("dp_forward").at(0).at("relation"), "any_pair");
  EXPECT_EQ(document.at("dp_forward").at(0).at("unit"), "sequence");
}

TEST_F(ForwardProgramTest, TooSmallABudgetEndsWithThree) {
  expect_refused(train(with_forward({"privacy.dp_forward.budget=7"})), 3,
                 {"embeddings", "epsilon to 8", "budget is 7"});
}

}  // namespace
}  // namespace hippocrypt::cli
