#include <algorithm>
#include <string>

#include "privacy/deidentify/name_words.hpp"

namespace hippocrypt::privacy {
namespace {

class BareNameFinder final : NameWords {
 public:
  explicit BareNameFinder(Document& document) : NameWords{document} {}

  void run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      document_.work.token_steps += 2 * max_name_words;
      if (tokens_[i].is_word() && !document_.taken[i]) by_itself(i);
    }
    extend();
  }

 private:
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
      fits = fits || (token.is(word_last_name) && second.is(word_first_name) && is_start(token) &&
                      !(caps_ && token.is(word_safe) && second.is(word_safe)));
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
    const std::string_view written = document_.written(token);
    const bool possessive = written.size() > 2 && written[written.size() - 2] == '\'';
    if (next != nullptr && ((possessive && next->is(word_kin)) || is_act_of_a_person(*next))) {
      return add_name(i, i + 1, 0.6, "name of somebody who does something");
    }
    if (caps_ || is_start(token) || token.is(word_state | word_unit | word_place)) return;
    if (token.is(word_role | word_kin | word_credential | word_drug)) return;
    if (in_heading(i)) return;
    add_name(i, i + 1, 0.55, "capitalised word that is also a name");
  }

  static bool is_act_of_a_person(const Token& token) {
    static constexpr std::string_view words[] = {
        "slept",  "reports", "reported", "denies",    "denied",    "said",
        "says",   "states",  "stated",   "lives",     "agrees",    "agreed",
        "feels",  "felt",    "drives",   "thinks",    "wants",     "wanted",
        "ate",    "asked",   "called",   "presented", "presents",  "complains",
        "walked", "walks",   "returned", "tolerated", "complained"};
    return std::find(std::begin(words), std::end(words), token.word) != std::end(words);
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

  std::vector<bool> names_;
};

}  // namespace

void find_bare_names(Document& document) { BareNameFinder{document}.run(); }

}  // namespace hippocrypt::privacy
