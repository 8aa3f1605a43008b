#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "privacy/deidentify/corpus/evaluate.hpp"
#include "privacy/deidentify/lexicon.hpp"

namespace hippocrypt::privacy {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// All runs of six words of the templates, slots left out.
std::set<std::string> phrases_of(const PhiTemplates& templates) {
  std::set<std::string> phrases;
  for (const auto* texts : {&templates.notes, &templates.adversarial}) {
    for (const std::string& text : *texts) {
      std::string plain;
      bool in_slot = false;
      for (const char c : lower(text)) {
        in_slot = c == '{' || (in_slot && c != '}');
        plain += !in_slot && std::isalpha(static_cast<unsigned char>(c)) != 0 ? c : ' ';
      }
      std::istringstream words{plain};
      std::vector<std::string> last;
      for (std::string word; words >> word;) {
        last.push_back(word);
        if (last.size() < 6) continue;
        std::string phrase;
        for (std::size_t i = last.size() - 6; i < last.size(); ++i) phrase += last[i] + " ";
        phrases.insert(phrase);
      }
    }
  }
  return phrases;
}

TEST(PhiCorpusTest, TheHeldOutPartSharesNothingWithTheDevelopmentPart) {
  const PhiTemplates& development = shipped_templates(PhiPart::development);
  const PhiTemplates& heldout = shipped_templates(PhiPart::heldout);
  const auto known = phrases_of(development);
  EXPECT_GT(known.size(), 100U);
  for (const std::string& phrase : phrases_of(heldout))
    EXPECT_EQ(known.count(phrase), 0U) << phrase;
  for (const char* list : {"first", "last", "city", "street", "hospital", "county", "state"}) {
    const auto& ours = development.lists.at(list);
    for (const std::string& entry : heldout.lists.at(list)) {
      EXPECT_EQ(std::count(ours.begin(), ours.end(), entry), 0) << entry;
    }
  }
  for (const auto& [category, shapes] : heldout.shapes) {
    if (category == "phone" || category == "fax") continue;  // there are only so many ways
    const auto& ours = development.shapes.at(category);
    for (const std::string& shape : shapes) {
      EXPECT_EQ(std::count(ours.begin(), ours.end(), shape), 0) << category << " " << shape;
    }
  }
}

TEST(PhiCorpusTest, TheRulesDoNotKnowTheHeldOutNames) {
  const PhiTemplates& heldout = shipped_templates(PhiPart::heldout);
  const Lexicon& lexicon = Lexicon::instance();
  for (const char* list : {"first", "last", "city"}) {
    for (const std::string& entry : heldout.lists.at(list)) {
      constexpr std::uint32_t listed = word_first_name | word_last_name | word_city;
      EXPECT_EQ(lexicon.classes(lower(entry)) & listed, 0U) << entry;
    }
  }
}

TEST(PhiCorpusTest, TheSameSeedGivesTheSameNotes) {
  const PhiTemplates& templates = shipped_templates(PhiPart::heldout);
  const auto first = generate_phi(templates, {7, 50}).value();
  const auto second = generate_phi(templates, {7, 50}).value();
  const auto other = generate_phi(templates, {8, 50}).value();
  ASSERT_EQ(first.size(), 50U);
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].text, second[i].text);
  EXPECT_NE(first[0].text, other[0].text);
}

TEST(PhiCorpusTest, GoldSpansAreWhatWasFilledIn) {
  const auto templates = PhiTemplates::parse(
                             "== list first\nAda\n== list last\nZorn\n== shape mrn\n##\n"
                             "== note\nDr. {q.last} saw {q.first}, {age:95-95}, of {\"a\":1}.\n"
                             "== adversarial\n{age:40-40} {lit.date|May}")
                             .value();
  const auto notes = generate_phi(templates, {1, 5}).value();
  const auto& note = notes[0];
  ASSERT_EQ(note.gold.size(), 3U);
  EXPECT_EQ(lower(note.text.substr(note.gold[0].begin, note.gold[0].size())), "zorn");
  EXPECT_EQ(note.gold[2].category, Category::age);
  EXPECT_EQ(notes[4].gold.size(), 1U);  // forty is no identifier
}

TEST(PhiCorpusTest, NamesWhatIsWrongWithATemplate) {
  EXPECT_EQ(PhiTemplates::parse("text").error().code, Errc::malformed);
  EXPECT_THAT(PhiTemplates::parse("== poem\n").error().detail, testing::HasSubstr("poem"));
  const auto templates = PhiTemplates::parse("== note\n{moon}\n== adversarial\nx\n").value();
  EXPECT_THAT(generate_phi(templates, {}).error().detail, testing::HasSubstr("moon"));
  EXPECT_EQ(generate_phi({}, {}).error().code, Errc::malformed);
}

TEST(PhiCorpusTest, HeldOutRecallAndPrecisionAreWhatTheIssueAsks) {
  const auto notes = generate_phi(shipped_templates(PhiPart::heldout), {2, 1000}).value();
  const auto report = evaluate(notes).value();
  for (const CategoryRow& row : category_table()) {
    const CategoryScore& score = report.categories[static_cast<std::size_t>(row.category)];
    EXPECT_GE(score.recall.of, 90U) << row.name;  // every category occurs
    EXPECT_GE(score.recall.value(), 0.95) << row.name;
    EXPECT_GE(score.precision.value(), 0.90) << row.name;
  }
  EXPECT_GE(report.f2(), 0.95);
}

TEST(PhiCorpusTest, EvaluationCountsALeakAndANeedlessSpan) {
  GoldNote note;
  note.text = "zzz ate at 10 Oak Street";
  note.gold = {{0, 3, Category::name, 1, "gold"}};
  const auto report = evaluate(std::span{&note, 1}).value();
  EXPECT_EQ(report.all.recall.of, 1U);
  EXPECT_EQ(report.all.recall.count, 0U);
  EXPECT_EQ(report.all.precision.of, 1U);
  EXPECT_EQ(report.all.precision.count, 0U);
  EXPECT_EQ(report.clean_notes.count, 0U);
}

TEST(PhiCorpusTest, WilsonsIntervalIsThatOfTheTables) {
  // Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
  const Share share{81, 263};
  EXPECT_NEAR(share.low(), 0.2553, 5e-5);
  EXPECT_NEAR(share.high(), 0.3662, 5e-5);
}

}  // namespace
}  // namespace hippocrypt::privacy
