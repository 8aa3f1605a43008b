#include <algorithm>

#include "privacy/deidentify/document.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t cue_reach_tokens = 8;
constexpr std::size_t no_date_reach_tokens = 5;

/// 3/4 after "strength", or before "strength" and "tablet", is no date.
bool is_ratio(const Document& document, std::size_t first, std::size_t end_offset) {
  if (document.has_cue_before(first, CueKind::no_date, no_date_reach_tokens)) return true;
  const std::size_t next = document.token_at(end_offset);
  for (std::size_t i = next; i < document.tokens().size() && i < next + 2; ++i) {
    const Token& token = document.tokens()[i];
    if (token.is(word_unit)) return true;
    for (std::size_t cue = document.cue_before[i];
         cue < document.cues.size() && document.cues[cue].first_token == i; ++cue) {
      if (document.cues[cue].kind == CueKind::no_date) return true;
    }
  }
  return false;
}

/// "may 5" of "may 5 mg be given", "mar 3" in lower case, is no date where "may" is a verb.
bool is_verb_may(const Document& document, const Match& match) {
  const Token& token = document.tokens()[document.token_at(match.begin)];
  return token.word == "may" && token.letter_case == TokenCase::lower;
}

double score_of(const Document& document, const Match& match, std::size_t first) {
  const Rule& rule = *match.rule;
  const std::string_view value = document.text.substr(match.begin, match.end - match.begin);
  if (rule.form != nullptr && !rule.form(value)) return 0;
  double score = rule.score;
  if (rule.cue != CueKind::none && document.has_cue_before(first, rule.cue, cue_reach_tokens)) {
    score = std::max(score, rule.with_cue);
  }
  if (rule.validator != nullptr && rule.validator(value)) score = std::max(score, rule.when_valid);
  return score;
}

}  // namespace

void find_by_rules(Document& document) {
  for (const Match& match : RuleSet::instance().find(document.text, document.work)) {
    const std::size_t first = document.token_at(match.begin);
    document.work.token_steps += cue_reach_tokens;
    const double score = score_of(document, match, first);
    if (score < accept_score) continue;
    Category category = match.rule->category;
    if (category == Category::date) {
      if (match.rule->with_cue > 0 && is_ratio(document, first, match.end)) continue;
      if (is_verb_may(document, match)) continue;
    }
    if (category == Category::phone && document.has_cue_before(first, CueKind::fax, 4) &&
        !document.has_cue_before(first, CueKind::phone, 2)) {
      category = Category::fax;
    }
    std::size_t end = match.end;
    // A sentence's end is none of the address.
    while (category == Category::url && end > match.begin + 1 &&
           std::string_view{".,;:)]}"}.find(document.text[end - 1]) != std::string_view::npos) {
      --end;
    }
    document.add({match.begin, end, category, score, match.rule->name});
  }
}

}  // namespace hippocrypt::privacy
