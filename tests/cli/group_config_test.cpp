// [[group]], [simulation] and what both kinds of hospitals say of their machines.

#include <cmath>

#include "tests/cli/config_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using federation::FailureKind;

// Line 1 is "[run]", line 5 "[model]", line 8 "[privacy]", line 10 the first group.
std::string with_groups(const std::string& first, const std::string& more = {}) {
  return "[run]\nname = \"trial\"\nrounds = 8\n\n[model]\npath = \"data/model\"\n\n"
         "[privacy]\nledger = \"run\"\n[[group]]\n" +
         first + more;
}
const std::string sound_group =
    "name = \"rural\"\ncount = 3\nnotes = [\"data/a.jsonl\", \"data/b.jsonl\"]\n";

TEST_F(ConfigTest, ExpandsGroupsBehindTheHospitals) {
  write("data/d.jsonl", "{}\n");
  const auto loaded = load_text(with_groups(
      sound_group +
          "patients = 18\nskew = 0.5\nweight = 2\nbudget = 4\nspeed = 0.5\nlink_mbit = 20\n"
          "link_ms = 15\nfailures = [\"crash@3:restart\", \"slow@5:x4\"]\n",
      "[[group]]\nname = \"city\"\ncount = 1000\nnotes = \"data/c.jsonl\"\nshare = 0.001\n"
      "[[hospital]]\nname = \"own\"\nnotes = \"data/d.jsonl\"\nspeed = 0.25\n"
      "[simulation]\nworkers = 5\nevaluate_every = 10\n"));
  ASSERT_TRUE(loaded.has_value()) << loaded.error().detail;
  EXPECT_EQ(loaded->simulation.workers, 5U);
  EXPECT_EQ(loaded->simulation.evaluate_every, 10U);
  ASSERT_EQ(loaded->hospitals.size(), 1004U);
  const auto& own = loaded->hospitals[0];
  EXPECT_EQ(own.name, "own");
  EXPECT_TRUE(own.deal.pool.empty());
  EXPECT_EQ(own.site.speed, 0.25);
  const auto& rural = loaded->hospitals[3];
  EXPECT_EQ(rural.name, "rural-003");
  EXPECT_EQ(rural.deal.pool, (std::vector<std::filesystem::path>{folder_ / "data" / "a.jsonl",
                                                                 folder_ / "data" / "b.jsonl"}));
  EXPECT_EQ(rural.deal.patients, 18U);
  EXPECT_EQ(rural.deal.skew, 0.5);
  EXPECT_EQ(rural.weight, 2U);
  EXPECT_EQ(rural.budget, 4);
  EXPECT_EQ(rural.site.link_mbit, 20);
  EXPECT_EQ(rural.site.link_ms, 15);
  EXPECT_TRUE(rural.site.fails(FailureKind::crash, 3));
  EXPECT_EQ(rural.site.slowness(5), 8);
  EXPECT_EQ(loaded->hospitals[4].name, "city-0001");
  EXPECT_TRUE(std::isinf(loaded->hospitals[4].deal.skew));
  EXPECT_TRUE(std::isnan(loaded->hospitals[4].budget));
}

TEST_F(ConfigTest, AGroupIsEnough) {
  const auto config = load_text(with_groups(sound_group));
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->hospitals.size(), 3U);
  EXPECT_EQ(config->simulation.workers, 0U);
  EXPECT_EQ(config->simulation.evaluate_every, 0U);
}

TEST_F(ConfigTest, OverridesReachGroupsByName) {
  const auto config = load_text(with_groups(sound_group), {"group.rural.count=2"});
  ASSERT_TRUE(config.has_value()) << config.error().detail;
  EXPECT_EQ(config->hospitals.size(), 2U);
  expect_error(load_text(with_groups(sound_group), {"group.rurl.count=2"}),
               {"there is no group 'rurl'", "rural"});
}

TEST_F(ConfigTest, SaysWhatIsWrongWithAGroup) {
  const auto refuse = [&](const std::string& group, const std::vector<std::string>& parts) {
    expect_error(load_text(with_groups(group)), parts);
  };
  const std::string notes = "notes = \"data/a.jsonl\"\n";
  refuse("count = 3\n" + notes, {":10: group.0.name: missing"});
  refuse("name = \"x\"\n" + notes, {":10: group.0.count: missing"});
  refuse("name = \"x\"\ncount = 3\n", {":10: group.0.notes: missing"});
  refuse("name = \"x\"\ncount = 0\n" + notes, {":12: group.0.count = 0: must be a whole number"});
  refuse("name = \"x\"\ncount = 3\nnotes = \"data/z.jsonl\"\n", {":13: group.0.notes", "no file"});
  refuse("name = \"x\"\ncount = 3\nnotes = [\"data/a.jsonl\", \"\"]\n", {"none of them empty"});
  refuse("name = \"x\"\ncount = 3\nnotes = 5\n", {"group.0.notes = 5", "list"});
  refuse(sound_group + "skew = 0\n", {":14: group.0.skew = 0", "above 0"});
  refuse(sound_group + "patients = 4\nshare = 0.1\n", {"group.0.share = 0.1", "one of the two"});
  refuse(sound_group + "share = 0.5\n", {":14: group.0.share", "count (3)", "whole pool"});
  refuse(sound_group + "speed = 2\n", {"group.0.speed = 2", "at most 1"});
  refuse(sound_group + "link_mbit = 0\n", {"group.0.link_mbit = 0", "above 0"});
  refuse(sound_group + "failures = [\"crsh@3\"]\n",
         {":14: group.0.failures", "\"crsh@3\"", "crash@3:restart"});
  refuse(sound_group + "patient = 4\n", {"group.0.patient", "did you mean 'patients'?"});
  refuse(sound_group + "[[group]]\n" + sound_group, {":15: group.1.name = 'rural'", "same name"});
  refuse("name = \"" + std::string(62, 'x') + "\"\ncount = 3\n" + notes, {"too long"});
  refuse("name = \"x\"\ncount = 9000\n" + notes + "[[group]]\nname = \"y\"\ncount = 1001\n" + notes,
         {"group.1.count", "makes 10001 hospitals"});
}

TEST_F(ConfigTest, GroupsAndHospitalsMustNotClash) {
  expect_error(load_text(with_groups(
                   sound_group, "[[hospital]]\nname = \"rural-002\"\nnotes = \"data/c.jsonl\"\n")),
               {"group.0.name", "rural-002"});
  expect_error(load_text(with_groups(sound_group,
                                     "[[hospital]]\nname = \"own\"\nnotes = \"data/b.jsonl\"\n")),
               {"group.0.notes", "belongs to hospital own"});
}

TEST_F(ConfigTest, GroupsNeedLedgersOfTheRun) {
  expect_error(load_text(with_groups(sound_group), {"privacy.ledger=dataset"}),
               {"privacy.ledger", "[[group]]", "ledger = \"run\""});
}

TEST_F(ConfigTest, NamesTheGroupOfAWrongBudget) {
  expect_error(load_text(with_groups(sound_group + "budget = 4\n"), {"privacy.noise_multiplier=0"}),
               {"group.0.budget"});
}

TEST_F(ConfigTest, RefusesUnknownKeysOfTheSimulation) {
  expect_error(load("[simulation]\nworker = 2\n"), {"did you mean 'workers'?"});
  expect_error(load("[simulation]\nworkers = 2000\n"), {"simulation.workers = 2000", "1024"});
  expect_error(load("[simulation]\nevaluate_every = -1\n"), {"simulation.evaluate_every = -1"});
}

TEST_F(ConfigTest, AGroupMustBeAList) {
  expect_error(load("[group]\nname = \"x\"\n"), {"group", "must be a list"});
}

}  // namespace
}  // namespace hippocrypt::cli
