#include "notes/synth/expander.hpp"

#include <gtest/gtest.h>

#include <array>

#include "notes/synth/patient_case.hpp"

namespace hippocrypt::notes {
namespace {

const Lists no_lists;

std::string expand(std::uint64_t seed, std::string_view text, const Facts& facts = {},
                   const Lists& skewed = no_lists, const Lists& shared = no_lists) {
  SeededSequence random{seed, "expander test"};
  Expander expander{random, facts, {&skewed}, shared};
  return expander.expand(text);
}

TEST(Expander, FactsComeBeforeSkewedBeforeSharedLists) {
  const Facts facts{{"x", "fact"}};
  const Lists skewed{{"x", {"skewed"}}, {"y", {"skewed {x}"}}};
  const Lists shared{{"y", {"shared"}}, {"z", {"shared {y}"}}};
  EXPECT_EQ(expand(1, "{x}, {y}, {z}.", facts, skewed, shared),
            "fact, skewed fact, shared skewed fact.");
}

TEST(Expander, NumbersStayInRangeAndOnTheirStep) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const int plain = std::stoi(expand(seed, "{#5:9}"));
    EXPECT_TRUE(plain >= 5 && plain <= 9);
    EXPECT_EQ(std::stoi(expand(seed, "{#20:60:5}")) % 5, 0);
    const std::string decimal = expand(seed, "{#0.05:0.25:0.05}");
    EXPECT_EQ(decimal.size(), 4u);
    EXPECT_EQ(decimal.substr(0, 2), "0.");
  }
}

TEST(Expander, AlternativesMayNestAndBeEmpty) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) seen.insert(expand(seed, "[a|b[c|d]|]"));
  EXPECT_EQ(seen, (std::set<std::string>{"a", "bc", "bd", ""}));
}

TEST(Expander, SentencesAreTidied) {
  const Lists lists{{"s", {"there is  pain [|] . he was given eGFR ,  advice"}},
                    {"t", {"eGFR was low"}}};
  SeededSequence random{1, "tidy"};
  const Facts facts;
  Expander expander{random, facts, {&lists}, no_lists};
  EXPECT_EQ(expander.sentence("s"), "There is pain. He was given eGFR, advice.");
  EXPECT_EQ(expander.sentence("t"), "eGFR was low.");
}

TEST(Expander, AvoidsRepeatingItself) {
  const Lists lists{{"s", {"a", "b"}}};
  int repeats = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::string text = expand(seed, "{s}{s}", {}, lists);
    repeats += text[0] == text[1] ? 1 : 0;
  }
  EXPECT_LT(repeats, 40);  // about one in two without the rule
}

TEST(ExpanderDeathTest, WrongTemplatesEndTheProcess) {
  EXPECT_DEATH(expand(1, "{nothing}"), "no list called nothing");
  EXPECT_DEATH(expand(1, "[a|b"), "no closing bracket");
  EXPECT_DEATH(expand(1, "{#9:5}"), "low <= high");
  const Lists circle{{"s", {"{s}"}}};
  EXPECT_DEATH(expand(1, "{s}", {}, circle), "contains itself");
}

TEST(DrawZipf, PrefersEarlierEntriesByTheirRank) {
  SeededSequence random{3, "zipf"};
  std::array<int, 4> counts{};
  for (int i = 0; i < 25'000; ++i) ++counts[draw_zipf(random, counts.size())];
  // Expected 12000, 6000, 4000 and 3000; 300 is more than 3.8 standard deviations of each.
  EXPECT_NEAR(counts[0], 12'000, 300);
  EXPECT_NEAR(counts[1], 6'000, 300);
  EXPECT_NEAR(counts[2], 4'000, 300);
  EXPECT_NEAR(counts[3], 3'000, 300);
}

TEST(DrawCentral, ReachesBothEndsAndPrefersTheMiddle) {
  SeededSequence random{4, "central"};
  std::array<int, 5> counts{};
  for (int i = 0; i < 5'000; ++i) ++counts[draw_central(random, 0, 4)];
  EXPECT_GT(counts[0], 50);
  EXPECT_GT(counts[4], 50);
  EXPECT_GT(counts[2], 2 * counts[0]);
  EXPECT_EQ(draw_central(random, 7, 7), 7u);
}

TEST(Lexicon, EveryEntryOfEverySpecialityExpands) {
  SeededSequence random{5, "lexicon"};
  for (const Speciality& speciality : all_specialities()) {
    PatientCase patient = draw_case(random, speciality);
    for (const Group& group : speciality.groups) {
      patient.group = &group;
      const Facts facts = draw_note_facts(random, patient, 1);
      for (const Lists* lists : {&group.lists, &speciality.lists, &shared_lists()}) {
        for (const auto& [name, entries] : *lists) {
          for (const std::string& entry : entries) {
            Expander expander{random, facts, {&group.lists, &speciality.lists}, shared_lists()};
            const std::string text = expander.expand(entry);
            EXPECT_EQ(text.find_first_of("{}[]|;"), std::string::npos) << text;
          }
        }
      }
    }
  }
}

TEST(Lexicon, EverySpecialityIsRich) {
  EXPECT_GE(all_specialities().size(), 15u);
  for (const Speciality& speciality : all_specialities()) {
    for (const char* list :
         {"diagnosis", "complaint", "finding", "test", "drug", "procedure", "plan"}) {
      std::set<std::string> entries;
      for (const Group& group : speciality.groups) {
        entries.insert(group.lists.at(list).begin(), group.lists.at(list).end());
      }
      EXPECT_GE(entries.size(), 15u) << speciality.name << " " << list;
    }
    EXPECT_GE(speciality.lists.at("signature").size(), 8u) << speciality.name;
    EXPECT_GE(speciality.lists.at("negative").size(), 8u) << speciality.name;
  }
}

}  // namespace
}  // namespace hippocrypt::notes
