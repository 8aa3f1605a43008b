#include "privacy/deidentify/known_names.hpp"

#include <algorithm>

namespace hippocrypt::privacy {
namespace {

constexpr double sure_score = 0.65;
constexpr std::size_t min_word_bytes = 3;
constexpr std::size_t min_near_bytes = 5;  // in shorter words one letter makes another word

std::string without(const std::string& word, std::size_t at) {
  std::string shorter = word;
  shorter.erase(at, 1);
  return shorter;
}

bool is_capital(const Token& token) { return token.letter_case != TokenCase::lower; }

}  // namespace

void KnownNames::learn_word(const Token& token, const Span& span) {
  constexpr std::uint32_t never = word_role | word_particle | word_title | word_credential |
                                  word_place | word_kin | word_unit | word_state | word_weekday;
  if (!token.is_word() || token.size() < min_word_bytes || token.word.size() < min_word_bytes ||
      token.is(never) || words_.size() >= max_words) {
    return;
  }
  const bool common = token.is(word_safe | word_eponym | word_month | word_drug | word_condition);
  if (span.category == Category::location && common) return;
  const auto [known, is_new] =
      words_.try_emplace(token.word, Known{span.category, span.score >= sure_score, common});
  if (!is_new) known->second.sure = known->second.sure || span.score >= sure_score;
  if (!common && known->second.sure && span.category == Category::name) {
    if (token.word.size() >= min_near_bytes) add_neighbours(token.word);
    const std::size_t hyphen = token.word.find('-');
    if (hyphen != std::string::npos) {
      for (const std::string& part :
           {token.word.substr(0, hyphen), token.word.substr(hyphen + 1)}) {
        if (part.size() > min_word_bytes) words_.try_emplace(part, known->second);
      }
    }
  }
}

void KnownNames::add_neighbours(const std::string& word) {
  neighbours_.insert(word);
  for (std::size_t i = 0; i < word.size(); ++i) neighbours_.insert(without(word, i));
}

void KnownNames::learn(const Document& document) {
  const auto& tokens = document.tokens();
  for (const Span& span : document.found) {
    if (span.category != Category::name && span.category != Category::location) continue;
    std::string first_letters;
    for (std::size_t i = document.token_at(span.begin);
         i < tokens.size() && tokens[i].begin < span.end; ++i) {
      learn_word(tokens[i], span);
      if (tokens[i].is_word()) first_letters += tokens[i].word.front();
    }
    if (span.category == Category::name && first_letters.size() >= 2 && first_letters.size() <= 3 &&
        initials_.size() < max_words) {
      initials_.insert(first_letters);
      std::reverse(first_letters.begin(), first_letters.end());  // "Smith, John"
      initials_.insert(first_letters);
    }
  }
}

const KnownNames::Known* KnownNames::look_up(const Document& document, std::size_t at) const {
  const Token& token = document.tokens()[at];
  const auto known = words_.find(token.word);
  if (known != words_.end()) return &known->second;
  if (token.classes != 0 || token.word.size() < min_near_bytes || !is_near(token.word)) {
    return nullptr;
  }
  static constexpr Known near{Category::name, true, false};
  return &near;
}

/// Edit distance at most 1 (one letter more, less, or another) to a long name.
bool KnownNames::is_near(const std::string& word) const {
  if (neighbours_.count(word) > 0) return true;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (neighbours_.count(without(word, i)) > 0) return true;
  }
  return false;
}

void KnownNames::find(Document& document) const {
  const auto& tokens = document.tokens();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    ++document.work.token_steps;
    const Token& token = tokens[i];
    if (document.taken[i] || !token.is_word()) continue;
    if (token.size() == 1 && i + 2 < tokens.size() && tokens[i + 1].is_mark('.') &&
        tokens[i + 2].size() == 1 && tokens[i + 2].is_word() && is_capital(token) &&
        is_capital(tokens[i + 2]) && initials_.count(token.word + tokens[i + 2].word) > 0) {
      const bool point = i + 3 < tokens.size() && tokens[i + 3].is_mark('.');
      document.add_tokens(i, i + (point ? 3 : 2), Category::name, 0.7, "initials of a known name");
      continue;
    }
    if (token.size() < min_word_bytes) continue;
    const Known* known = look_up(document, i);
    if (known == nullptr) continue;
    if (known->is_common && (!is_capital(token) || token.starts_sentence || token.is(word_month) ||
                             document.tokenized.all_caps)) {
      continue;
    }
    if (!known->sure && !is_capital(token)) continue;
    const bool disease =
        token.is(word_eponym) && i + 1 < tokens.size() && tokens[i + 1].is(word_condition);
    if (!disease) document.add_tokens(i, i, known->category, 0.7, "known name");
  }
}

}  // namespace hippocrypt::privacy
