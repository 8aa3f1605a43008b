#include <algorithm>
#include <string>

#include "privacy/deidentify/document.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t max_name_words = 5;
constexpr std::uint32_t any_name = word_first_name | word_last_name;
// Words that no name contains, unless they are also on a list of names.
constexpr std::uint32_t never = word_role | word_kin | word_unit | word_weekday | word_drug |
                                word_place | word_state | word_title;

class NameFinder {
 public:
  explicit NameFinder(Document& document)
      : document_{document}, tokens_{document.tokens()}, caps_{document.tokenized.all_caps} {}

  void run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      document_.work.token_steps += 2 * max_name_words;
      if (!tokens_[i].is_word() || document_.taken[i]) continue;
      if (tokens_[i].is(word_title)) after_title(i);
      if (tokens_[i].is(word_kin)) after_kin(i);
      if (tokens_[i].is(word_role)) after_label(i);
      if (tokens_[i].is(word_credential)) before_credential(i);
    }
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      document_.work.token_steps += 2 * max_name_words;
      if (tokens_[i].is_word() && !document_.taken[i]) by_itself(i);
    }
    extend();
  }

 private:
  const Token* at(std::size_t i) const { return i < tokens_.size() ? &tokens_[i] : nullptr; }
  bool is_capital(const Token& token) const {
    return token.is_word() && token.letter_case != TokenCase::lower;
  }
  bool is_initial(std::size_t i) const {
    return i < tokens_.size() && tokens_[i].is_word() && tokens_[i].size() == 1 &&
           tokens_[i].letter_case == TokenCase::capital;
  }
  /// Not a common word, a drug, a month, a unit: nothing is known of it, or it is a name.
  bool is_unknown(const Token& token) const {
    constexpr std::uint32_t known = word_safe | word_eponym | word_drug | word_state | word_month |
                                    word_weekday | word_title | word_credential | word_kin |
                                    word_role | word_place | word_condition | word_unit;
    return !token.is(known) && token.size() >= 3;
  }
  bool is_plain_name(const Token& token) const {
    return token.is(any_name) && !token.is(word_safe | word_eponym | word_month | word_state |
                                           word_role | word_kin | word_unit | word_drug);
  }

  /// Whether the word can be (part of) a name where one is expected.
  bool may_be_name(std::size_t i) const {
    if (i >= tokens_.size() || document_.taken[i]) return false;
    const Token& token = tokens_[i];
    if (!is_capital(token)) return false;
    if (token.size() == 1) return true;
    if (token.is(any_name)) return !token.is(word_unit | word_weekday);
    if (token.is(never | word_safe | word_credential | word_month)) return false;
    if (token.is(word_condition)) return false;
    return !(caps_ && has_common_suffix(token.word));
  }

  bool adjoins(std::size_t next) const {
    return next < tokens_.size() && tokens_[next].breaks_before < 2;
  }

  /// The end (exclusive) of the name that starts at `first`: words, initials with their points,
  /// particles between words, "Last, First" where `comma` allows. `first` when there is none.
  std::size_t name_end(std::size_t first, bool comma, bool across_lines) const {
    std::size_t end = first;
    std::size_t words = 0;
    for (std::size_t i = first; i < tokens_.size() && words < max_name_words;) {
      if (i > first && (!adjoins(i) || (!across_lines && tokens_[i].breaks_before > 0))) break;
      if (i > first && tokens_[i].starts_sentence && words > 0 && !tokens_[i - 1].is_mark('.')) {
        break;
      }
      if (may_be_name(i)) {
        ++words;
        end = ++i;
        if (i < tokens_.size() && tokens_[i].is_mark('.') && tokens_[i - 1].size() == 1 &&
            !tokens_[i].blank_before) {
          end = ++i;
        }
        continue;
      }
      if (tokens_[i].is(word_particle) && i + 1 < tokens_.size() && adjoins(i + 1) &&
          (may_be_name(i + 1) || tokens_[i + 1].is(word_particle)) && words < max_name_words) {
        ++words;
        ++i;
        continue;
      }
      if (comma && words == 1 && tokens_[i].is_mark(',') && may_be_name(i + 1)) {
        comma = false;
        ++i;
        continue;
      }
      break;
    }
    return end;
  }

  void add_name(std::size_t first, std::size_t end, double score, std::string_view rule) {
    if (end <= first) return;
    document_.add_tokens(first, end - 1, Category::name, score, rule);
    age_after(end);
  }

  /// "John Smith, 94, ..." gives an age.
  void age_after(std::size_t end) {
    if (end + 1 >= tokens_.size() || !tokens_[end].is_mark(',')) return;
    const Token& age = tokens_[end + 1];
    const std::string_view digits = document_.written(age);
    const bool old = (digits.size() == 2 && digits[0] == '9') ||
                     (digits.size() == 3 && digits[0] == '1' && digits[1] <= '2');
    const bool stands_alone = end + 2 >= tokens_.size() || tokens_[end + 2].is_mark(',') ||
                              tokens_[end + 2].is_mark('.') || tokens_[end + 2].is_mark(';');
    if (age.kind == TokenKind::number && old && stands_alone) {
      document_.add_tokens(end + 1, end + 1, Category::age, 0.7, "age after a name");
    }
  }

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

  /// A month, or a word that starts a name of a disease.
  bool is_eponym_use(std::size_t i) const {
    if (!tokens_[i].is(word_eponym)) return false;
    for (std::size_t next = i + 1; next < tokens_.size() && next <= i + 3; ++next) {
      if (tokens_[next].is(word_condition)) return true;
      if (!tokens_[next].is(word_eponym) && !tokens_[next].is_mark('-')) break;
    }
    return (i > 0 && tokens_[i - 1].is(word_eponym) && !tokens_[i - 1].is(any_name)) ||
           !tokens_[i].is(any_name);
  }

  bool is_month_use(std::size_t i) const {
    if (!tokens_[i].is(word_month)) return false;
    const Token* next = at(i + 1);
    if (next != nullptr && (next->kind == TokenKind::number || next->is_mark(','))) return true;
    if (i == 0 || !tokens_[i - 1].is_word()) return false;
    static constexpr std::string_view words[] = {"in",     "of",    "since", "until", "by",  "last",
                                                 "next",   "every", "this",  "early", "mid", "late",
                                                 "during", "each",  "from",  "to"};
    return std::find(std::begin(words), std::end(words), tokens_[i - 1].word) != std::end(words);
  }

  bool is_start(const Token& token) const { return token.starts_sentence || token.starts_line; }

  /// Names without a cue, by lists and by how they are written.
  void by_itself(std::size_t i) {
    const Token& token = tokens_[i];
    if (!is_capital(token) || is_eponym_use(i) || is_month_use(i)) return;
    if (initial_and_name(i) || first_and_last(i)) return;
    if (token.size() < 2) return;
    if (token.letter_case == TokenCase::upper && !caps_) return single_upper(i);
    if (is_plain_name(token)) return add_name(i, i + 1, 0.7, "listed name");
    if (token.is(any_name)) return ambiguous(i);
    if (is_unknown(token)) unknown(i);
  }

  /// J. Smith, J Smith.
  bool initial_and_name(std::size_t i) {
    if (!is_initial(i)) return false;
    std::size_t next = i + 1;
    const bool point = next < tokens_.size() && tokens_[next].is_mark('.');
    if (point) ++next;
    if (next >= tokens_.size() || !adjoins(next) || !may_be_name(next)) return false;
    const Token& name = tokens_[next];
    if (name.size() < 3 || tokens_[next].breaks_before > 0) return false;
    if (!point && (caps_ || !name.is(any_name))) return false;
    if (name.is(word_safe | word_eponym) && !name.is(word_last_name)) return false;
    if (name.letter_case == TokenCase::upper && !caps_ && !name.is(any_name)) return false;
    // "hepatitis B. Smith": a point may end a sentence, so an unknown word is needed there.
    add_name(i, name_end(next, false, true), 0.75, "initial and name");
    return true;
  }

  /// John Smith, Smith-Jones Mary, Smith, John.
  bool first_and_last(std::size_t i) {
    const Token& token = tokens_[i];
    if (token.size() < 2) return false;
    std::size_t next = i + 1;
    while (is_initial(next) || (next < tokens_.size() && tokens_[next].is_mark('.') &&
                                is_initial(next - 1) && next - 1 > i)) {
      ++next;
      if (next > i + 4) return false;
    }
    const bool comma = next == i + 1 && next < tokens_.size() && tokens_[next].is_mark(',');
    if (comma) ++next;
    if (next >= tokens_.size() || !adjoins(next) || !may_be_name(next)) return false;
    const Token& second = tokens_[next];
    if (second.size() < 2 || is_eponym_use(next) || second.starts_sentence) return false;
    if (!caps_ &&
        (token.letter_case == TokenCase::upper) != (second.letter_case == TokenCase::upper)) {
      return false;
    }
    bool fits = false;
    if (comma) {
      fits = (is_plain_name(token) || (is_unknown(token) && is_start(token))) &&
             second.is(word_first_name) && !second.is(word_safe | word_state);
      fits = fits || (is_plain_name(token) && token.is(word_last_name) && is_unknown(second) &&
                      is_start(token));
    } else {
      fits = token.is(word_first_name) && !token.is(word_state) &&
             (second.is(word_last_name) || is_unknown(second));
      fits = fits || (is_unknown(token) && second.is(word_last_name) && !is_start(token));
    }
    if (!fits) return false;
    add_name(i, name_end(i, comma, true), 0.8, "first and last name");
    return true;
  }

  /// IN CAPITALS inside a text that is not: an acronym, or a name.
  void single_upper(std::size_t i) {
    const Token& token = tokens_[i];
    const bool neighbour = (i > 0 && document_.taken[i - 1]) ||
                           (i + 2 < tokens_.size() && tokens_[i + 1].is_mark(',') &&
                            tokens_[i + 2].letter_case == TokenCase::upper &&
                            tokens_[i + 2].size() >= 3 && is_start(token));
    if (is_plain_name(token) && token.size() >= 4) {
      return add_name(i, std::max(i + 1, name_end(i, true, false)), 0.65, "listed name");
    }
    if (!is_unknown(token) || has_common_suffix(token.word)) return;
    if (token.size() >= 6 || (neighbour && token.size() >= 3)) {
      add_name(i, std::max(i + 1, name_end(i, neighbour, false)), 0.55, "unknown word in capitals");
    }
  }

  /// Hope, Brown, Mark: a capital inside a sentence makes them names.
  void ambiguous(std::size_t i) {
    const Token& token = tokens_[i];
    const Token* next = at(i + 1);
    const Token* after = at(i + 2);
    const bool kin_follows =
        next != nullptr && next->word == "is" && after != nullptr &&
        (after->word == "her" || after->word == "his" || after->word == "the") &&
        at(i + 3) != nullptr && at(i + 3)->is(word_kin);
    if (kin_follows) return add_name(i, i + 1, 0.6, "name of a relative");
    if (caps_ || is_start(token) || token.is(word_state | word_unit | word_place)) return;
    if (token.is(word_role | word_kin | word_credential | word_drug)) return;
    if (in_heading(i)) return;
    add_name(i, i + 1, 0.55, "capitalised word that is also a name");
  }

  /// Several capitalised common words in a row are a heading.
  bool in_heading(std::size_t i) const {
    const auto common_capital = [this](std::size_t t) {
      return t < tokens_.size() && is_capital(tokens_[t]) && tokens_[t].is(word_safe) &&
             !document_.taken[t];
    };
    return (i > 0 && common_capital(i - 1)) || common_capital(i + 1);
  }

  /// A capitalised word that nobody knows.
  void unknown(std::size_t i) {
    const Token& token = tokens_[i];
    if (has_clinical_suffix(token.word)) return;
    if (caps_) {
      if (token.size() < 4 || has_common_suffix(token.word)) return;
      if (token.read_wrong && token.size() < 5) return;
      return add_name(i, i + 1, 0.5, "unknown word in capitals");
    }
    if (token.letter_case == TokenCase::inner) return;
    if (is_start(token) && (has_common_suffix(token.word) || is_label(i))) return;
    add_name(i, i + 1, is_start(token) ? 0.5 : 0.6, "unknown capitalised word");
  }

  /// "Xyz:" at the start of a line is a heading.
  bool is_label(std::size_t i) const {
    const Token* next = at(i + 1);
    return next != nullptr && next->is_mark(':');
  }

  /// Initials and surnames beside what was found: "Maria G. Lopez", "Lopez Brown".
  void extend() {
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      document_.work.token_steps += 2;
      if (!is_name_token(i - 1) || document_.taken[i]) continue;
      if (!adjoins(i) || tokens_[i].starts_sentence) continue;
      const bool initial = is_initial(i) && !tokens_[i].is_mark('.');
      const bool listed = is_capital(tokens_[i]) && tokens_[i].is(any_name) && !caps_ &&
                          !tokens_[i].is(word_role | word_unit | word_credential) &&
                          tokens_[i].breaks_before == 0;
      if (initial || listed) {
        document_.add_tokens(i, i, Category::name, 0.6, "beside a name");
        names_.resize(tokens_.size());
        names_[i] = true;
      }
    }
  }

  bool is_name_token(std::size_t i) {
    if (names_.empty()) {
      names_.resize(tokens_.size());
      for (const Span& span : document_.found) {
        if (span.category != Category::name) continue;
        for (std::size_t t = document_.token_at(span.begin);
             t < tokens_.size() && tokens_[t].begin < span.end; ++t) {
          names_[t] = tokens_[t].is_word() && tokens_[t].size() > 1;
        }
      }
    }
    return names_[i];
  }

  Document& document_;
  const std::vector<Token>& tokens_;
  bool caps_;
  std::vector<bool> names_;
};

}  // namespace

void find_names(Document& document) { NameFinder{document}.run(); }

}  // namespace hippocrypt::privacy
