#include <algorithm>
#include <string>

#include "privacy/deidentify/document.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t max_code_tokens = 12;
constexpr std::size_t reach_tokens = 9;

/// A run of tokens without blanks between: letters, digits and the marks - / . _
struct Code {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t digits = 0;
  std::size_t letters = 0;
  bool has_capital = false;
  bool has_decimal_point = false;
};

bool joins(const Token& token) {
  return token.kind == TokenKind::mark &&
         (token.mark == '-' || token.mark == '/' || token.mark == '_' || token.mark == '.');
}

void count(const Document& document, Code& code, const Token& token) {
  for (const char c : document.written(token)) {
    code.digits += c >= '0' && c <= '9' ? 1U : 0U;
    code.letters += (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? 1U : 0U;
    code.has_capital = code.has_capital || (c >= 'A' && c <= 'Z');
  }
}

/// The code that starts at token `at`.
Code code_at(const Document& document, std::size_t at) {
  const auto& tokens = document.tokens();
  Code code{at, at};
  count(document, code, tokens[at]);
  for (std::size_t i = at + 1; i < tokens.size() && i < at + max_code_tokens; ++i) {
    if (tokens[i].blank_before) break;
    if (joins(tokens[i])) {
      const bool inside = i + 1 < tokens.size() && !tokens[i + 1].blank_before &&
                          tokens[i + 1].kind != TokenKind::mark;
      if (!inside) break;
      code.has_decimal_point = code.has_decimal_point || tokens[i].mark == '.';
      continue;
    }
    if (tokens[i].kind == TokenKind::mark) break;
    count(document, code, tokens[i]);
    code.last = i;
  }
  return code;
}

/// A measurement: a unit behind it, or a decimal fraction.
bool is_quantity(const Document& document, const Code& code) {
  const auto& tokens = document.tokens();
  if (code.letters == 0 && code.has_decimal_point && code.digits < 7) return true;
  if (code.last + 1 >= tokens.size()) return false;
  const Token& next = tokens[code.last + 1];
  return next.is_mark('%') || (next.is(word_unit) && next.breaks_before == 0);
}

/// The nearest cue before the code in its sentence that names a category; a field of a table or a
/// comma ends what a cue governs, save where nothing stands between.
const Cue* governing_cue(Document& document, const Code& code) {
  const auto& tokens = document.tokens();
  for (std::size_t i = document.cue_before[code.first]; i > 0; --i) {
    const Cue& cue = document.cues[i - 1];
    if (cue.last_token + reach_tokens < code.first) return nullptr;
    ++document.work.token_steps;
    if (cue.kind == CueKind::quantity || cue.kind == CueKind::no_date) return nullptr;
    if (!category_of(cue.kind)) continue;
    for (std::size_t t = cue.last_token + 1; t < code.first; ++t) {
      ++document.work.token_steps;
      if (tokens[t].starts_sentence && t > cue.last_token + 2 && tokens[t].breaks_before > 0) {
        return nullptr;
      }
      if (tokens[t].is_mark('.') && t + 1 < code.first && tokens[t + 1].starts_sentence &&
          tokens[t].begin > tokens[cue.last_token].end) {
        return nullptr;
      }
      if (tokens[t].is_mark(';')) return nullptr;
    }
    return &cue;
  }
  return nullptr;
}

/// "Encounter", "case" and the like are weak words: what follows must look like a code.
bool fits(const Code& code, CueKind kind, std::size_t distance) {
  const std::size_t size = code.digits + code.letters;
  if (code.digits < 2 || size < 4 || size > 40) return false;
  if (kind == CueKind::phone || kind == CueKind::fax) return code.digits >= 7;
  if (kind == CueKind::ssn) return code.digits >= 4 && size >= 7;
  const bool is_year = code.digits == 4 && code.letters == 0;
  if (is_year) return distance <= 2;
  if (kind == CueKind::photo) return code.digits >= 3 && (code.digits >= 5 || distance <= 2);
  return code.letters == 0 ? code.digits >= 5 || distance <= 3 : size >= 5 || distance <= 2;
}

/// Between the code that ended at `last` and the one at `first` there are only marks and "and".
bool is_listed_with(const Document& document, std::size_t last, std::size_t first) {
  for (std::size_t i = last + 1; i < first; ++i) {
    const Token& token = document.tokens()[i];
    const bool joint = token.kind == TokenKind::mark || token.word == "and" || token.word == "or";
    if (!joint || token.breaks_before > 1) return false;
  }
  return true;
}

/// "Retina scan reference X": the word before a weak one says what it is.
const Cue* stronger(const Document& document, const Cue* cue) {
  if (cue->kind != CueKind::other || cue == document.cues.data()) return cue;
  const Cue* before = cue - 1;
  const bool near = before->last_token + 3 >= cue->first_token;
  const auto category = category_of(before->kind);
  for (std::size_t i = before->last_token + 1; near && i < cue->first_token; ++i) {
    if (document.tokens()[i].kind == TokenKind::mark) return cue;
  }
  return near && category ? before : cue;
}

/// Long enough to be nobody's measurement: AB12345, 123-45-67, 1234567.
bool is_unexplained(const Document& document, const Code& code) {
  if (code.digits > 40 || document.has_cue_before(code.first, CueKind::quantity, 4)) return false;
  if (code.letters > 0) return code.digits >= 5 && code.has_capital && code.letters <= code.digits;
  if (code.has_decimal_point) return false;
  return code.digits >= 7;
}

/// What the last cue was used for.
struct Used {
  const Cue* cue = nullptr;
  std::size_t last_token = 0;
};

void consider(Document& document, const Code& code, Used& used) {
  if (is_quantity(document, code)) return;
  const Cue* cue = governing_cue(document, code);
  if (cue != nullptr && cue == used.cue && !is_listed_with(document, used.last_token, code.first)) {
    cue = nullptr;
  }
  const std::size_t distance = cue == nullptr ? 0 : code.first - cue->last_token;
  if (cue == nullptr || !fits(code, cue->kind, distance)) {
    if (is_unexplained(document, code)) {
      document.add_tokens(code.first, code.last, Category::other, accept_score, "unexplained code");
    }
    return;
  }
  used = {cue, code.last};
  cue = stronger(document, cue);
  std::size_t first = code.first;
  const auto& tokens = document.tokens();
  // "&" and "+" are no parts of a code, but a letter that stands alone before it is: "A 123456".
  if (first > cue->last_token + 1 && tokens[first - 1].is_word() && tokens[first - 1].size() <= 3 &&
      tokens[first - 1].letter_case == TokenCase::upper && tokens[first - 1].breaks_before == 0 &&
      !tokens[first - 1].is(word_safe)) {
    --first;
  }
  document.add_tokens(first, code.last, *category_of(cue->kind), 0.8, "code after a cue");
}

}  // namespace

void find_by_cues(Document& document) {
  const auto& tokens = document.tokens();
  Used used;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    ++document.work.token_steps;
    if (tokens[i].kind == TokenKind::mark) continue;
    if (tokens[i].kind == TokenKind::word && tokens[i].letter_case == TokenCase::lower) continue;
    const Code code = code_at(document, i);
    document.work.token_steps += code.last - code.first;
    bool is_taken = true;
    for (std::size_t t = code.first; t <= code.last; ++t) is_taken = is_taken && document.taken[t];
    if (is_taken && code.digits > 3 && document.cue_before[code.first] > 0) {
      used = {&document.cues[document.cue_before[code.first] - 1], code.last};
    }
    if (!is_taken && code.digits > 0) consider(document, code, used);
    i = std::max(i, code.last);
  }
}

}  // namespace hippocrypt::privacy
