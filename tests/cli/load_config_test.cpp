// What a sound configuration gives, and the errors of whole files.

#include "cli/config/load_config.hpp"

#include <cmath>
#include <cstdlib>

#include "tests/cli/config_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using federation::AdapterMode;
using federation::OptimizerKind;
using federation::OracleKind;
using federation::PrivacyUnit;

TEST_F(ConfigTest, ReadsWhatIsWrittenAndKeepsDefaultsForTheRest) {
  const auto config = load(
      "[adapter]\nmode = \"lora\"\nrank = 4\nalpha = 8\ntargets = [\"q\", \"v\"]\n"
      "[training]\noptimizer = \"sgd\"\nlearning_rate = 1\n"
      "[privacy]\nunit = \"note\"\nbudget = inf\n"
      "[encryption]\noracle = \"plain-int8\"\nparams = \"rlwe1024\"\n"
      "upload_bits = 20\ndownload_bits = 12\ntiles_in_flight = 3\npad_mib = 7\nexact_channels = 9\n"
      "insecure_test = true\nblind_head = true\n"
      "[server]\nthreads = 2\n");
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->run.name, "trial");
  EXPECT_EQ(config->run.rounds, 8U);
  EXPECT_EQ(config->run.seed, 1U);
  EXPECT_EQ(config->adapter.mode, AdapterMode::lora);
  EXPECT_EQ(config->adapter.rank, 4U);
  EXPECT_EQ(config->adapter.alpha, 8.0);
  EXPECT_EQ(config->adapter.targets, (std::vector<std::string>{"q", "v"}));
  EXPECT_EQ(config->training.optimizer, OptimizerKind::sgd);
  EXPECT_EQ(config->training.learning_rate, 1.0);
  EXPECT_EQ(config->privacy.unit, PrivacyUnit::note);
  EXPECT_TRUE(std::isinf(config->privacy.budget));
  EXPECT_EQ(config->encryption.oracle, OracleKind::plain_int8);
  EXPECT_EQ(config->encryption.upload_bits, 20U);
  EXPECT_EQ(config->encryption.download_bits, 12U);
  EXPECT_EQ(config->encryption.tiles_in_flight, 3U);
  EXPECT_EQ(config->encryption.pad_mib, 7U);
  EXPECT_EQ(config->encryption.exact_channels, 9U);
  EXPECT_TRUE(config->encryption.insecure_test);
  EXPECT_TRUE(config->encryption.blind_head);
  EXPECT_EQ(config->encryption.tile_tokens, 1024U) << "N of params where it is not given";
  EXPECT_EQ(config->server.threads, 2U);
}

TEST_F(ConfigTest, ReadsHospitalsInTheirOrder) {
  const auto config = load();
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  ASSERT_EQ(config->hospitals.size(), 2U);
  EXPECT_EQ(config->hospitals[0].name, "st-anna");
  EXPECT_TRUE(std::isnan(config->hospitals[0].budget));
  EXPECT_EQ(config->hospitals[1].name, "st.b");
  EXPECT_EQ(config->hospitals[1].budget, 4.0);
}

TEST_F(ConfigTest, TakesRelativePathsFromTheFilesFolder) {
  const auto config = load();
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->model.path, folder_ / "data" / "model");
  EXPECT_EQ(config->hospitals[0].notes, folder_ / "data" / "a.jsonl");
}

TEST_F(ConfigTest, KeepsAbsolutePaths) {
  const std::string model = (folder_ / "data" / "model").string();
  const auto config = load({}, {"model.path='" + model + "'"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->model.path.string(), model);
}

TEST_F(ConfigTest, RefusesAMissingFile) {
  expect_error(load_config(folder_ / "none.toml", {}), {"none.toml", "no such file"});
}

TEST_F(ConfigTest, RefusesAFolder) {
  expect_error(load_config(folder_, {}), {folder_.string(), "cannot be read"});
}

TEST_F(ConfigTest, RefusesAFileThatIsTooLarge) {
  expect_error(load_text(std::string((1U << 20) + 1, '#')), {"cannot be read"});
}

TEST_F(ConfigTest, NamesTheLineOfASyntaxError) {
  expect_error(load_text("[run]\nrounds = = 3\n"), {"federation.toml:2: not valid TOML"});
}

TEST_F(ConfigTest, RefusesAKeyGivenTwice) {
  expect_error(load_text("[run]\nrounds = 3\nrounds = 4\n"), {"federation.toml:3"});
}

TEST_F(ConfigTest, SuggestsTheSectionThatWasMeant) {
  expect_error(load("[privcy]\ndelta = 1e-5\n"),
               {"federation.toml:15: privcy: unknown key, did you mean 'privacy'?", "training"});
}

TEST_F(ConfigTest, SuggestsTheKeyThatWasMeant) {
  expect_error(load("[privacy]\ndleta = 1e-5\n"),
               {"federation.toml:16: privacy.dleta = 1e-05: unknown key, did you mean 'delta'?",
                "unit, noise_multiplier"});
}

TEST_F(ConfigTest, ListsTheKeysWhereNoneIsNear) {
  expect_error(load("[server]\nsomething_else = true\n"),
               {":16: server.something_else = true: unknown key; the section's keys are: threads"});
}

TEST_F(ConfigTest, NamesAnUnknownKeyBeforeAMissingOne) {
  expect_error(load_text("[model]\npaths = \"x\"\n"), {":2:", "did you mean 'path'?"});
}

TEST_F(ConfigTest, RefusesASectionThatIsAValue) {
  expect_error(load_text("privacy = 3\n[model]\npath=\"data/model\"\n"),
               {":1: privacy = 3: must be a section", "not the number 3"});
}

TEST_F(ConfigTest, RefusesAFileWithoutAModel) {
  expect_error(load_text("[run]\nrounds = 1\n"),
               {"federation.toml: model.path: missing: give the folder", "tokenizer.json"});
}

TEST_F(ConfigTest, RefusesAFileWithoutHospitals) {
  expect_error(load_text("[model]\npath = \"data/model\"\n"),
               {"hospital: missing", "[[hospital]]"});
  expect_error(load_text("hospital = []\n[model]\npath = \"data/model\"\n"),
               {":1: hospital: the list is empty"});
  expect_error(load_text("[model]\npath = \"data/model\"\n[hospital]\nname = \"a\"\n"),
               {":3: hospital: must be a list, not a section"});
}

TEST_F(ConfigTest, RefusesMoreHospitalsThanCanTakePart) {
  std::string text = "[model]\npath = \"data/model\"\n";
  for (int i = 0; i < 10'001; ++i) text += "[[hospital]]\n";
  expect_error(load_text(text), {"at most 10000 hospitals"});
}

TEST(ShippedConfigs, AreSound) {
  const std::filesystem::path root{HIPPOCRYPT_SOURCE_DIR};
  if (!std::filesystem::exists(root / "data" / "model")) {
    if (std::getenv("CI") != nullptr) FAIL() << "data/model is not there";
    GTEST_SKIP() << "data/model is not there";
  }
  for (const auto& entry : std::filesystem::directory_iterator{root / "configs"}) {
    if (entry.path().extension() != ".toml") continue;
    const auto config = load_config(entry.path(), {});
    EXPECT_TRUE(config.has_value()) << config.error().detail;
  }
}

}  // namespace
}  // namespace hippocrypt::cli
