#include <algorithm>
#include <string>

#include "privacy/deidentify/name_words.hpp"

namespace hippocrypt::privacy {
namespace {

class CuedNameFinder final : NameWords {
 public:
  explicit CuedNameFinder(Document& document) : NameWords{document} {}

  void run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      document_.work.token_steps += 2 * max_name_words;
      if (!tokens_[i].is_word() || document_.taken[i]) continue;
      if (tokens_[i].is(word_title)) after_title(i);
      if (tokens_[i].is(word_kin)) after_kin(i);
      if (tokens_[i].is(word_role)) after_label(i);
      if (tokens_[i].is(word_credential)) before_credential(i);
    }
  }

 private:
  /// Dr. Smith, Mrs Jones, Nurse Brown.
  void after_title(std::size_t i) {
    std::size_t next = i + 1;
    if (next < tokens_.size() && tokens_[next].is_mark('.')) ++next;
    if (next >= tokens_.size() || !adjoins(next)) return;
    if (next < tokens_.size() && tokens_[next].is(word_title)) return;
    const Token& token = tokens_[next];
    const bool short_title =
        tokens_[i].size() <= 4 && tokens_[i].word != "sir" && tokens_[i].word != "lady";
    // "dr smith": in lower case the name must be unknown or on a list.
    if (short_title && token.is_word() && token.letter_case == TokenCase::lower &&
        tokens_[i].letter_case == TokenCase::lower && token.size() >= 3 &&
        (is_unknown(token) || is_plain_name(token)) && !has_common_suffix(token.word)) {
      document_.add_tokens(next, next, Category::name, 0.6, "name after a title");
      return;
    }
    if (!is_capital(token)) return;
    // Directly after Dr or Mrs, even a common word is a name: Dr. Frost.
    if (short_title && token.size() > 1 && !document_.taken[next] &&
        !token.is(word_title | word_role | word_kin | word_unit) && !caps_) {
      const std::size_t end = std::max(next + 1, name_end(next + 1, false, true));
      return add_name(next, end, 0.9, "name after a title");
    }
    add_name(next, name_end(next, false, true), 0.9, "name after a title");
  }

  /// his wife Maria; daughter, Jane Doe; mother (Eve).
  void after_kin(std::size_t i) {
    std::size_t next = i + 1;
    if (next < tokens_.size() && (tokens_[next].is_mark(',') || tokens_[next].is_mark('(') ||
                                  tokens_[next].is_mark(':') || tokens_[next].is_mark('-'))) {
      ++next;
    }
    if (next < tokens_.size() && (tokens_[next].word == "named" || tokens_[next].word == "called" ||
                                  tokens_[next].word == "is")) {
      ++next;
    }
    if (next >= tokens_.size() || !adjoins(next) || tokens_[next].starts_sentence) {
      if (next >= tokens_.size() || next == i + 1 || !tokens_[next - 1].is_mark(':')) return;
    }
    if (tokens_[next].letter_case == TokenCase::lower) {
      const bool listed = tokens_[next].is(word_first_name) && !tokens_[next].is(word_safe);
      if (listed && next == i + 1) {
        document_.add_tokens(next, next, Category::name, 0.6, "name after a relative");
      }
      return;
    }
    add_name(next, name_end(next, false, true), 0.8, "name after a relative");
  }

  /// Patient: John Smith; Name of patient: Smith, John; SURGEON: J. Smith; | Provider | ...
  void after_label(std::size_t i) {
    std::size_t next = i + 1;
    std::size_t skipped = 0;
    while (next < tokens_.size() && skipped < 5 && tokens_[next].is_word() &&
           tokens_[next].breaks_before == 0 &&
           tokens_[next].is(word_role | word_safe | word_credential | word_kin) &&
           !tokens_[next].is(word_title)) {
      if (is_capital(tokens_[next]) && tokens_[next].is(any_name) && !tokens_[next].is(word_role)) {
        break;
      }
      ++next;
      ++skipped;
    }
    if (next >= tokens_.size()) return;
    const bool colon = tokens_[next].is_mark(':') || tokens_[next].is_mark('=') ||
                       tokens_[next].is_mark('|') || tokens_[next].is_mark('#');
    const std::size_t first = next + (colon ? 1 : 0);
    if (first >= tokens_.size()) return;
    if (!colon && (next != i + 1 || tokens_[next].breaks_before > 0)) return;
    if (tokens_[first].breaks_before > 1) return;
    // Without a colon, "patient Smith" and "by Smith" are names, "patient Denies" is none.
    if (!colon && !(is_unknown(tokens_[first]) || tokens_[first].is(any_name))) return;
    if (!colon && tokens_[first].starts_sentence) return;
    if (colon && tokens_[first].is(word_title)) return;
    add_name(first, name_end(first, colon, !colon), colon ? 0.85 : 0.7, "name after a label");
  }

  /// Jane Doe, MD; Doe RN; Smith, John, M.D.
  void before_credential(std::size_t i) {
    if (tokens_[i].letter_case == TokenCase::lower || i == 0) return;
    if (tokens_[i].breaks_before > 1) return;
    std::size_t end = i;
    if (tokens_[end - 1].is_mark(',')) --end;
    std::size_t first = end;
    std::size_t words = 0;
    while (first > 0 && words < 4) {
      std::size_t before = first - 1;
      if (first < end && (!adjoins(first) || tokens_[first].starts_sentence)) break;
      if (tokens_[before].is_mark('.') && before > 0 && is_initial(before - 1)) --before;
      if (tokens_[before].is_mark(',') && words == 1 && before > 0 && may_be_name(before - 1) &&
          tokens_[before - 1].is(word_last_name)) {
        --before;
      }
      if (!may_be_name(before) || (tokens_[before].size() == 1 && words == 0)) break;
      first = before;
      ++words;
    }
    if (words == 0) return;
    // "St. Mary's ER DO NOT": a lone ambiguous word before a short credential is no name.
    const Token& only = tokens_[first];
    if (words == 1 && caps_ && !is_unknown(only) && !is_plain_name(only)) return;
    add_name(first, end, 0.85, "name before a credential");
  }
};

}  // namespace

void find_cued_names(Document& document) { CuedNameFinder{document}.run(); }

}  // namespace hippocrypt::privacy
