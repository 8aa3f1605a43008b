#include "notes/synth/synthesize.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/sha256.hpp"

namespace hippocrypt::notes {
namespace {

using ::testing::HasSubstr;

std::vector<Note> make(const SynthOptions& options) {
  auto notes = synthesize(options);
  EXPECT_TRUE(notes.has_value());
  return notes.has_value() ? std::move(notes).value() : std::vector<Note>{};
}

void expect_error(const SynthOptions& options, Errc code, const std::string& what) {
  const auto notes = synthesize(options);
  ASSERT_FALSE(notes.has_value()) << what;
  EXPECT_EQ(notes.error().code, code);
  EXPECT_THAT(notes.error().detail, HasSubstr(what));
}

TEST(Synthesize, SameOptionsGiveTheSameBytesEverywhere) {
  const SynthOptions options{.seed = 11,
                             .patients = 60,
                             .specialities = speciality_names(),
                             .heldout_share = 0.2,
                             .id_prefix = "T"};
  Sha256 hash;
  for (const Note& note : make(options)) {
    hash.add_field(note.patient_id).add_field(note.note_id).add_field(note.speciality);
    hash.add_field(to_string(note.split)).add_field(note.text);
  }
  // Changes whenever a word list or the grammar changes; data/hospitals must change with it.
  EXPECT_EQ(to_hex(hash.finish()),
            "e892168fa4d838d28109e4ba85794444775cc4be427d8d28a0a590a75abb7062");
  EXPECT_EQ(make(options), make(options));
}

TEST(Synthesize, SeedsGiveDifferentNotesAndThePrefixChangesOnlyIds) {
  const SynthOptions options{.seed = 1, .patients = 20, .specialities = {"neurology"}};
  SynthOptions other_seed = options;
  other_seed.seed = 2;
  EXPECT_NE(make(options)[0].text, make(other_seed)[0].text);
  SynthOptions other_prefix = options;
  other_prefix.id_prefix = "Q";
  const auto first = make(options);
  const auto second = make(other_prefix);
  ASSERT_EQ(first.size(), second.size());
  EXPECT_EQ(first[0].patient_id, "P-000001");
  EXPECT_EQ(second[0].patient_id, "Q-000001");
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].text, second[i].text);
}

TEST(Synthesize, SplitsByPatientWithTheWantedShare) {
  const auto notes = make({.seed = 3, .patients = 200, .specialities = {"oncology"}});
  std::map<std::string, std::set<Split>> splits;
  std::map<std::string, std::size_t> counts;
  for (const Note& note : notes) {
    splits[note.patient_id].insert(note.split);
    ++counts[note.patient_id];
  }
  EXPECT_EQ(splits.size(), 200u);
  std::size_t heldout = 0;
  for (const auto& [patient, of_patient] : splits) {
    EXPECT_EQ(of_patient.size(), 1u) << patient;
    heldout += *of_patient.begin() == Split::heldout ? 1u : 0u;
    EXPECT_TRUE(counts[patient] >= 1 && counts[patient] <= 3);
  }
  EXPECT_EQ(heldout, 30u);  // 15 % of 200
}

TEST(Synthesize, NeverHoldsEveryoneOut) {
  const auto notes =
      make({.seed = 3, .patients = 1, .specialities = {"oncology"}, .heldout_share = 0.99});
  EXPECT_EQ(notes[0].split, Split::train);
  for (const Note& note :
       make({.seed = 3, .patients = 9, .specialities = {"urology"}, .heldout_share = 0.0})) {
    EXPECT_EQ(note.split, Split::train);
  }
}

// std::regex is avoided: GCC 12 warns about its insides under the address sanitizer (bug 105562).

/// The digits that end just before `end`.
std::string number_before(const std::string& text, std::size_t end) {
  std::size_t start = end;
  while (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9') --start;
  return text.substr(start, end - start);
}

/// "62M" from "62 year old man" or "62M"; empty where a note has neither.
std::set<std::string> persons_in(const std::string& text) {
  static constexpr std::string_view words[][2] = {{" year old man", "M"},
                                                  {" year old gentleman", "M"},
                                                  {" year old boy", "M"},
                                                  {" year old woman", "F"},
                                                  {" year old lady", "F"},
                                                  {" year old girl", "F"},
                                                  {"M,", "M"},
                                                  {"F,", "F"},
                                                  {"M with", "M"},
                                                  {"F with", "F"}};
  std::set<std::string> persons;
  for (const auto& [word, sex] : words) {
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
      const std::string age = number_before(text, at);
      if (!age.empty()) persons.insert(age + std::string{sex});
    }
  }
  return persons;
}

TEST(Synthesize, NotesOfAPatientAgreeOnAgeAndSex) {
  std::map<std::string, std::set<std::string>> persons;
  std::map<std::string, std::set<std::string>> pronouns;
  for (const Note& note : make({.seed = 4, .patients = 400, .specialities = speciality_names()})) {
    persons[note.patient_id].merge(persons_in(note.text));
    for (const char* he : {". He ", ". She "}) {
      if (note.text.find(he) != std::string::npos) pronouns[note.patient_id].insert(he);
    }
  }
  std::size_t known = 0;
  for (const auto& [patient, of_patient] : persons) {
    EXPECT_LE(of_patient.size(), 1u) << patient;
    known += of_patient.size();
  }
  EXPECT_GT(known, 350u);
  for (const auto& [patient, of_patient] : pronouns) {
    ASSERT_EQ(of_patient.size(), 1u) << patient;
    const auto& person = persons[patient];
    if (person.empty()) continue;
    EXPECT_EQ(person.begin()->back() == 'M', *of_patient.begin() == ". He ") << patient;
  }
}

TEST(Synthesize, NotesOfAPatientShareTheMainDiagnosis) {
  std::map<std::string, std::multiset<std::string>> diagnoses;
  for (const Note& note : make({.seed = 5, .patients = 2000, .specialities = {"cardiology"}})) {
    for (const std::string_view lead : {"Diagnosis: ", "with known ", "M, known ", "F, known "}) {
      const auto at = note.text.find(lead);
      if (at == std::string::npos) continue;
      const std::size_t start = at + lead.size();
      const std::size_t end = note.text.find_first_of(".,", start);
      diagnoses[note.patient_id].insert(note.text.substr(start, end - start));
    }
  }
  std::size_t compared = 0;
  for (const auto& [patient, of_patient] : diagnoses) {
    EXPECT_EQ(*of_patient.begin(), *of_patient.rbegin()) << patient;
    compared += of_patient.size() > 1 ? 1u : 0u;
  }
  EXPECT_GT(compared, 30u);
}

TEST(Synthesize, ChildrenAreSeenInPaediatricsOnlyAndWomenHaveNoProstates) {
  for (const Note& note : make({.seed = 6, .patients = 300, .specialities = {"paediatrics"}})) {
    EXPECT_EQ(note.text.find("gentleman"), std::string::npos) << note.text;
    EXPECT_EQ(note.text.find("pack years"), std::string::npos) << note.text;
  }
  for (const Note& note : make({.seed = 6, .patients = 300, .specialities = {"urology"}})) {
    const bool is_woman = note.text.find(" woman") != std::string::npos;
    EXPECT_FALSE(is_woman && note.text.find("prostat") != std::string::npos) << note.text;
  }
}

TEST(Synthesize, RefusesUnknownOrRepeatedOrNoSpecialities) {
  expect_error({.specialities = {"cardiology", "astrology"}}, Errc::invalid_config,
               "unknown speciality 'astrology'; choose among: cardiology, dermatology, ");
  expect_error({.specialities = {}}, Errc::invalid_config, "choose among: cardiology");
  expect_error({.specialities = {"urology", "urology"}}, Errc::invalid_config, "named twice");
}

TEST(Synthesize, RefusesCountsAndSharesOutOfRange) {
  const std::vector<std::string> one{"urology"};
  expect_error({.patients = 0, .specialities = one}, Errc::out_of_range, "0 patients");
  expect_error({.patients = 1'000'000, .specialities = one}, Errc::out_of_range, "1 to 999999");
  for (const double share : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    expect_error({.specialities = one, .heldout_share = share}, Errc::out_of_range,
                 "held-out share");
  }
}

TEST(Synthesize, RefusesBadPrefixes) {
  for (const std::string prefix : {"", "a b", "\"", "12345678901234567", "caf\xC3\xA9"}) {
    expect_error({.specialities = {"urology"}, .id_prefix = prefix}, Errc::invalid_config,
                 "letters, digits or '-'");
  }
}

}  // namespace
}  // namespace hippocrypt::notes
