#include "federation/client/dealt_notes.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinyFederation;

/// `count` hospitals that share the note files of the tiny federation's three.
FederationConfig shared(const TinyFederation& tiny, std::size_t count) {
  FederationConfig config = tiny.config;
  HospitalConfig each;
  for (const auto& hospital : config.hospitals) each.deal.pool.push_back(hospital.notes);
  each.notes = each.deal.pool.front();
  each.deal.group = "small";
  config.hospitals.assign(count, each);
  for (std::size_t i = 0; i < count; ++i) {
    config.hospitals[i].name = "small-" + std::to_string(i + 1);
  }
  return config;
}

std::set<std::string> patients_of(const notes::NoteFile& file) {
  std::set<std::string> ids;
  for (const auto& note : file.notes) ids.insert(note.patient_id);
  return ids;
}

TEST(DealtNotesTest, EverybodyGetsPatientsOfTheirOwn) {
  const TinyFederation tiny{"dealt"};  // 3 times 18 patients to train on, 6 held out
  auto config = shared(tiny, 10);
  for (auto& hospital : config.hospitals) hospital.deal.patients = 5;
  const auto dealt = deal_notes(config);
  ASSERT_TRUE(dealt) << to_string(dealt.error());
  std::set<std::string> seen;
  for (const auto& file : *dealt) {
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->patients(notes::Split::train).size(), 5U);
    EXPECT_GE(file->patients(notes::Split::heldout).size(), 1U);
    for (const auto& id : patients_of(*file)) EXPECT_TRUE(seen.insert(id).second) << id;
  }
  const auto again = notes_of(config, 3);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->notes, (*dealt)[3]->notes);
}

TEST(DealtNotesTest, SharesAndWhatOthersLeave) {
  const TinyFederation tiny{"dealt_shares"};
  auto config = shared(tiny, 4);
  const auto train = [&](const auto& dealt, std::size_t i) {
    return dealt[i]->patients(notes::Split::train).size();
  };
  const std::size_t all = [&] {
    auto one = shared(tiny, 1);
    const auto dealt = deal_notes(one).value();
    return train(dealt, 0);
  }();
  config.hospitals[0].deal.share = 0.25;
  config.hospitals[1].deal.patients = 3;
  const auto dealt = deal_notes(config).value();
  EXPECT_EQ(train(dealt, 0), all / 4);
  EXPECT_EQ(train(dealt, 1), 3U);
  EXPECT_EQ(train(dealt, 2), (all - all / 4 - 3) / 2);
  EXPECT_EQ(train(dealt, 3), train(dealt, 2));
}

TEST(DealtNotesTest, ADifferentSeedDealsOthers) {
  const TinyFederation tiny{"dealt_seed"};
  auto config = shared(tiny, 4);
  const auto first = deal_notes(config).value();
  config.run.seed = 2;
  EXPECT_NE(patients_of(*first[0]), patients_of(*deal_notes(config).value()[0]));
}

TEST(DealtNotesTest, HospitalsWithNotesOfTheirOwnAreLeftAlone) {
  const TinyFederation tiny{"dealt_own"};
  const auto dealt = deal_notes(tiny.config).value();
  ASSERT_EQ(dealt.size(), 3U);
  EXPECT_EQ(dealt[0], nullptr);
  EXPECT_FALSE(notes_of(tiny.config, 1)->notes.empty());
}

TEST(DealtNotesTest, TooFewPatientsNameGroupAndNumbers) {
  const TinyFederation tiny{"dealt_few"};
  auto config = shared(tiny, 4);
  for (auto& hospital : config.hospitals) hospital.deal.patients = 30;
  const auto train = deal_notes(config);
  ASSERT_FALSE(train);
  EXPECT_EQ(train.error().code, Errc::out_of_range);
  EXPECT_NE(train.error().detail.find("group small: 4 hospitals share"), std::string::npos);
  EXPECT_NE(train.error().detail.find("120"), std::string::npos) << train.error().detail;
  const auto heldout = deal_notes(shared(tiny, 40));
  ASSERT_FALSE(heldout);
  EXPECT_NE(heldout.error().detail.find("held-out patients and need one each"), std::string::npos)
      << heldout.error().detail;
}

TEST(DealtNotesTest, APatientInTwoFilesIsRefused) {
  const TinyFederation tiny{"dealt_twice"};
  std::filesystem::copy_file(tiny.config.hospitals[0].notes, tiny.folder() / "copy.jsonl");
  auto config = shared(tiny, 2);
  for (auto& hospital : config.hospitals)
    hospital.deal.pool.push_back(tiny.folder() / "copy.jsonl");
  const auto dealt = deal_notes(config);
  ASSERT_FALSE(dealt);
  EXPECT_EQ(dealt.error().code, Errc::mismatch);
}

TEST(DealtNotesTest, AMissingFileIsNamed) {
  const TinyFederation tiny{"dealt_missing"};
  auto config = shared(tiny, 2);
  config.hospitals[0].deal.pool.front() = tiny.folder() / "none.jsonl";
  const auto dealt = deal_notes(config);
  ASSERT_FALSE(dealt);
  EXPECT_EQ(dealt.error().code, Errc::not_found);
}

}  // namespace
}  // namespace hippocrypt::federation
