// Whether the synthetic notes are worth learning from: varied enough not to be memorised, regular
// enough to be learned.

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "notes/synth/synthesize.hpp"

namespace hippocrypt::notes {
namespace {

std::vector<Note> make(std::uint64_t seed, std::size_t patients,
                       const std::vector<std::string>& specialities) {
  auto notes = synthesize({.seed = seed, .patients = patients, .specialities = specialities});
  EXPECT_TRUE(notes.has_value());
  return notes.has_value() ? std::move(notes).value() : std::vector<Note>{};
}

std::vector<std::string> sentences(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find(". ", start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 2;
  }
  return parts;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in{text};
  return {std::istream_iterator<std::string>{in}, {}};
}

TEST(NoteVariety, NoNoteIsRepeatedAndHalfTheSentencesAreDistinct) {
  for (const char* speciality : {"cardiology", "oncology", "neurology"}) {
    const auto notes = make(101, 900, {speciality});
    std::set<std::string> texts;
    std::set<std::string> distinct;
    std::size_t count = 0;
    for (const Note& note : notes) {
      EXPECT_TRUE(texts.insert(note.text).second) << note.text;
      for (std::string& sentence : sentences(note.text)) {
        distinct.insert(std::move(sentence));
        ++count;
      }
    }
    EXPECT_GT(10 * distinct.size(), 4 * count) << speciality;
  }
}

TEST(NoteVariety, LargeCorporaDoNotRunDry) {
  const auto notes = make(7, 6000, {"urology", "psychiatry", "nephrology"});
  std::set<std::string> texts;
  for (const Note& note : notes) texts.insert(note.text);
  EXPECT_EQ(texts.size(), notes.size());
}

TEST(NoteVariety, WordCountsAndNotesPerPatientAreAsIntended) {
  const auto notes = make(8, 2000, speciality_names());
  EXPECT_GT(notes.size(), 2000u * 17 / 10);
  EXPECT_LT(notes.size(), 2000u * 19 / 10);
  std::size_t typical = 0;
  for (const Note& note : notes) {
    const std::size_t count = words(note.text).size();
    EXPECT_GE(count, 5u) << note.text;
    EXPECT_LE(count, 140u) << note.text;
    typical += count >= 25 && count <= 70 ? 1u : 0u;
  }
  EXPECT_GT(10 * typical, 9 * notes.size());
}

TEST(NoteVariety, NotesAreAsciiWithoutLeftoversOfTheGrammar) {
  for (const Note& note : make(9, 1000, speciality_names())) {
    for (const char c : note.text) EXPECT_TRUE(c >= ' ' && c < 0x7F) << note.text;
    EXPECT_EQ(note.text.find_first_of("{}[]|;"), std::string::npos) << note.text;
    EXPECT_EQ(note.text.find("  "), std::string::npos) << note.text;
    EXPECT_EQ(note.text.find(" ."), std::string::npos) << note.text;
    EXPECT_EQ(note.text.back(), '.') << note.text;
  }
}

/// How often each word occurs per 1000 words.
std::map<std::string, double> frequencies(const std::string& speciality) {
  std::map<std::string, double> counts;
  double total = 0;
  for (const Note& note : make(10, 400, {speciality})) {
    for (const std::string& word : words(note.text)) {
      counts[word] += 1;
      total += 1;
    }
  }
  for (auto& [word, count] : counts) count *= 1000 / total;
  return counts;
}

TEST(NoteVariety, SpecialitiesDifferAndShareTheirStructure) {
  std::map<std::string, std::map<std::string, double>> all;
  for (const std::string& name : speciality_names()) all[name] = frequencies(name);
  for (const auto& [first_name, first] : all) {
    for (const auto& [second_name, second] : all) {
      if (first_name >= second_name) continue;
      double overlap = 0;  // in 1000: 1000 means the same distribution of words
      for (const auto& [word, frequency] : first) {
        const auto found = second.find(word);
        if (found != second.end()) overlap += std::min(frequency, found->second);
      }
      EXPECT_GT(overlap, 250) << first_name << " and " << second_name;
      EXPECT_LT(overlap, 750) << first_name << " and " << second_name;
    }
  }
}

TEST(NoteVariety, CharacteristicPhrasesRecurAndAreSkewed) {
  const auto share = [](const std::string& speciality, const std::string& phrase) {
    const auto notes = make(12, 900, {speciality});
    std::size_t count = 0;
    for (const Note& note : notes) count += note.text.find(phrase) != std::string::npos ? 1u : 0u;
    return static_cast<double>(count) / static_cast<double>(notes.size());
  };
  EXPECT_GT(share("cardiology", "Echocardiogram shows LVEF of "), 0.2);
  EXPECT_GT(share("oncology", "ECOG performance status "), 0.3);
  EXPECT_GT(share("neurology", "Cranial nerves intact, power 5/5 in all limbs"), 0.2);
  EXPECT_LT(share("oncology", "Echocardiogram shows LVEF of "), 0.01);
}

}  // namespace
}  // namespace hippocrypt::notes
