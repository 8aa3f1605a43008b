// Configurations that cannot be run: exit code 2, one line with the cause, and nothing done.

#include <algorithm>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

class BadConfigProgramTest : public SimulateProgramTest {};

TEST_F(BadConfigProgramTest, AnUnknownKeyIsNamedWithFileLineAndSuggestion) {
  const std::string text = read_bytes(folder() / "federation.toml");
  const std::size_t at = text.find("[training]\n") + 11;
  write_bytes(folder() / "federation.toml",
              text.substr(0, at) + "learning_rat = 0.1\n" + text.substr(at));
  const auto line =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  expect_config_error({}, {"federation.toml:" + std::to_string(line) + ": training.learning_rat",
                           "unknown key", "did you mean 'learning_rate'?"});
}

TEST_F(BadConfigProgramTest, ValuesOutsideTheirRangeAreNamed) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases{
      {"privacy.delta=1.5", {"above 0 and below 1"}},
      {"privacy.delta=1", {"above 0 and below 1"}},
      {"privacy.delta=0", {"above 0 and below 1"}},
      {"privacy.delta=nan", {"above 0 and below 1"}},
      {"privacy.sampling_rate=0", {"above 0"}},
      {"privacy.sampling_rate=1.01", {"above 0"}},
      {"privacy.sampling_rate=nan", {"above 0"}},
      {"privacy.noise_multiplier=-1", {"from 0 to 1e9"}},
      {"privacy.noise_multiplier=1e308", {"from 0 to 1e9"}},
      {"privacy.noise_multiplier=-0.0", {"from 0 to 1e9"}},
      {"privacy.clip=0", {"above 0"}},
      {"privacy.clip=inf", {"above 0"}},
      {"privacy.budget=0", {"above 0"}},
      {"run.rounds=0", {"whole number"}},
      {"run.rounds=99999999999999999999", {"run.rounds"}},
      {"run.name=\"../../etc\"", {"run.name"}},
      {"encryption.params=\"rlwe512\"", {"rlwe1024", "rlwe2048"}},
      {"encryption.tile_tokens=4096", {"tile_tokens"}},
      {"adapter.rank=0", {"rank"}},
  };
  for (const auto& [setting, parts] : cases) {
    SCOPED_TRACE(setting);
    expect_config_error({"--set", setting}, parts);
  }
}

TEST_F(BadConfigProgramTest, NoNoiseUnderAFiniteBudgetSaysWhy) {
  expect_config_error({"--set", "privacy.noise_multiplier=0"},
                      {"privacy.noise_multiplier", "without noise the privacy loss is infinite",
                       "privacy.budget", "inf"});
  expect_config_error({"--set", "privacy.noise_multiplier=0", "--set", "privacy.budget=inf",
                       "--set", "hospital.oncology.budget=3"},
                      {"hospital.1.budget"});
}

TEST_F(BadConfigProgramTest, NoNoiseWithoutABudgetRunsAndSaysInfinite) {
  const std::vector<std::string> flags{"--set", "privacy.noise_multiplier=0",
                                       "--set", "privacy.budget=inf",
                                       "--set", "run.rounds=1"};
  const Outcome outcome = simulate_plain(flags);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "infinite")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "unlimited")) << outcome.out;
  const Outcome budget = run({"budget", "out/tiny", "--json"});
  ASSERT_EQ(budget.exit_code, 0) << budget.err;
  for (const auto& hospital : nlohmann::json::parse(budget.out).at("hospitals")) {
    EXPECT_TRUE(hospital.at("epsilon").is_null());
  }
}

TEST_F(BadConfigProgramTest, PatientsThatDoNotFitTheTilesAreRefused) {
  const auto& encryption = tiny_.config.encryption;
  const std::string tiles = std::to_string(encryption.train_tiles);
  const std::string tokens = std::to_string(encryption.train_tiles * encryption.tile_tokens + 1);
  expect_config_error({"--set", "training.max_patient_tokens=" + tokens},
                      {"train_tiles (" + tiles + ") times tile_tokens (512)",
                       "max_patient_tokens (" + tokens + ")"});
  expect_config_error({"--set", "encryption.tile_tokens=32"},
                      {"eval_tiles (1) times tile_tokens (32)", "max_note_tokens (64)"});
}

TEST_F(BadConfigProgramTest, MissingFilesAreNamed) {
  expect_refused(run({"simulate", "nowhere.toml", "--runs", "out"}), 2,
                 {"nowhere.toml", "no such file"});
  expect_refused(run({"simulate", ".", "--runs", "out"}), 2, {"configuration"});
  EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
  expect_config_error({"--set", "model.path=nowhere"}, {"no folder or file", "nowhere"});
  std::filesystem::remove(notes_of(1));
  expect_config_error({}, {"hospital.1.notes", "no file", "oncology.jsonl"});
}

TEST_F(BadConfigProgramTest, TextThatIsNoTomlIsRefusedWithItsLine) {
  for (const std::string& text :
       {std::string{"[run\n"}, std::string{"[run]\nrounds = \n"}, std::string{"\xFF\xFE\x00", 3},
        std::string(100'000, '['), std::string{"a = "} + std::string(100'000, '[')}) {
    write_bytes(folder() / "federation.toml", text);
    expect_config_error({}, {"federation.toml:", "not valid TOML"});
  }
  write_bytes(folder() / "federation.toml", "");
  expect_config_error({}, {"federation.toml"});
}

TEST_F(BadConfigProgramTest, BrokenOverridesAreRefused) {
  for (const char* setting :
       {"run.rounds", "=3", "run..rounds=3", "run.rounds=", "hospital.nobody.budget=3",
        "hospital.3.budget=3", "nonsense=1", "run=3", "run.rounds.deeper=3"}) {
    SCOPED_TRACE(setting);
    expect_config_error({"--set", setting}, {});
  }
}

TEST_F(BadConfigProgramTest, ARunsFolderThatCannotBeMadeIsAnError) {
  write_bytes(folder() / "file", "");
  expect_refused(run({"simulate", "federation.toml", "--oracle", "plain-int8", "--runs", "file"}),
                 1, {"file"});
}

}  // namespace
}  // namespace hippocrypt::cli
