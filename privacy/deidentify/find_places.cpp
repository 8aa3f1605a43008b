#include <algorithm>
#include <string>

#include "privacy/deidentify/document.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t max_place_words = 5;

/// A word that may stand in a place's name.
bool is_capitalised(const Document& document, const Token& token) {
  return token.is_word() && token.size() >= 2 &&
         (token.letter_case != TokenCase::lower || document.tokenized.all_caps);
}

bool adjoins(const Token& next) { return next.blank_before && next.breaks_before < 2; }

class PlaceFinder {
 public:
  explicit PlaceFinder(Document& document) : document_{document}, tokens_{document.tokens()} {}

  void run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      document_.work.token_steps += 2 * max_place_words;
      if (!tokens_[i].is_word()) continue;
      institution(i);
      county_of(i);
      if (!document_.taken[i]) city(i);
      if (!document_.taken[i]) city_before_state(i);
      if (!document_.taken[i]) after_preposition(i);
    }
  }

 private:
  /// "Mercy Hospital", "St. Mary's Medical Center", "General Hospital of Springfield".
  void institution(std::size_t at) {
    const Token& end = tokens_[at];
    if (!(end.is(word_place) || is_home(at)) || !is_capitalised(document_, end)) return;
    std::size_t first = at;
    bool named = false;
    while (first > 0 && at - first < max_place_words) {
      std::size_t before = first - 1;
      if (!adjoins(tokens_[first])) break;
      if (tokens_[before].is_mark('.') && before > 0 && tokens_[before - 1].word == "st") --before;
      const Token& token = tokens_[before];
      if (!is_capitalised(document_, token) || token.is(word_role | word_title)) break;
      if (document_.tokenized.all_caps && token.is(word_safe) && !names_a_place(token) &&
          !is_kind(token)) {
        break;
      }
      named = named || !token.is(word_safe) || names_a_place(token);
      first = before;
      if (token.starts_sentence) break;
    }
    const std::size_t last = of_somewhere(at);
    // "Emergency Department" has no name; "Memorial Hospital" does.
    if (first == at && last == at) return;
    if (!named && last == at && at - first < 1) return;
    // Words of the ward before the name, "Cardiology Clinic", say nothing about where.
    if (!named && last == at && all_common(first, at)) return;
    document_.add_tokens(first, last, Category::location, 0.75, "institution");
  }

  /// "Medical" of "Mercy Medical Center".
  static bool is_kind(const Token& token) {
    static constexpr std::string_view kinds[] = {"medical",        "health",   "nursing", "cancer",
                                                 "rehabilitation", "surgical", "heart"};
    return std::find(std::begin(kinds), std::end(kinds), token.word) != std::end(kinds);
  }

  /// "Nursing Home".
  bool is_home(std::size_t at) const {
    static constexpr std::string_view kinds[] = {"nursing",    "care",    "group",   "rest",
                                                 "retirement", "funeral", "veterans"};
    return at > 1 && tokens_[at].word == "home" &&
           std::find(std::begin(kinds), std::end(kinds), tokens_[at - 1].word) != std::end(kinds);
  }

  bool names_a_place(const Token& token) const {
    static constexpr std::string_view words[] = {
        "general",    "memorial",   "community", "mercy",  "regional", "saint",    "st",
        "holy",       "sacred",     "good",      "county", "city",     "lakeside", "riverside",
        "university", "children's", "veterans",  "mount",  "north",    "south",    "east",
        "west",       "central",    "valley",    "lake",   "river"};
    return token.is(word_first_name | word_last_name | word_city) ||
           std::find(std::begin(words), std::end(words), token.word) != std::end(words);
  }

  bool all_common(std::size_t first, std::size_t end) const {
    for (std::size_t i = first; i < end; ++i) {
      if (names_a_place(tokens_[i]) || !tokens_[i].is(word_safe)) return false;
    }
    return true;
  }

  /// The last token of " of Springfield" after the institution at `at`.
  std::size_t of_somewhere(std::size_t at) const {
    if (at + 2 >= tokens_.size() || tokens_[at + 1].word != "of" || !adjoins(tokens_[at + 1])) {
      return at;
    }
    const Token& place = tokens_[at + 2];
    if (!is_capitalised(document_, place) || place.is(word_safe | word_state)) return at;
    return at + 2;
  }

  /// "County of Orange".
  void county_of(std::size_t at) {
    const std::string& word = tokens_[at].word;
    if (word != "county" && word != "city" && word != "town" && word != "village") return;
    const std::size_t last = of_somewhere(at);
    if (last != at) document_.add_tokens(last, last, Category::location, 0.75, "place after of");
  }

  /// The gazetteer's longest match.
  void city(std::size_t at) {
    std::string words;
    std::size_t last = at;
    bool found = false;
    std::size_t count = 0;
    for (std::size_t i = at; i < tokens_.size() && count < document_.lexicon.longest_city_words();
         ++i) {
      if (i > at && tokens_[i].is_mark('.') && tokens_[i - 1].word == "st") {
        words += '.';
        continue;
      }
      if (!is_capitalised(document_, tokens_[i]) || (i > at && !adjoins(tokens_[i]))) break;
      words += (count > 0 ? " " : "") + tokens_[i].word;
      ++count;
      if (document_.lexicon.is_city(words)) {
        found = true;
        last = i;
      }
    }
    if (!found) return;
    const bool ambiguous = last == at && tokens_[at].is(word_safe | word_first_name |
                                                        word_last_name | word_eponym | word_state);
    if (ambiguous && !is_state(last + 1) && !after_place_word(at)) return;
    if (last + 1 < tokens_.size() && tokens_[last + 1].is(word_condition) && ambiguous) return;
    document_.add_tokens(at, last, Category::location, 0.75, "city");
  }

  bool is_state(std::size_t at) const {
    std::size_t i = at;
    if (i < tokens_.size() && tokens_[i].is_mark(',')) ++i;
    if (i >= tokens_.size() || !tokens_[i].is_word()) return false;
    if (i > at && tokens_[i].is(word_state) && tokens_[i].letter_case != TokenCase::lower) {
      return true;
    }
    if (i > at && i + 1 < tokens_.size() && is_two_word_state(tokens_[i].word)) return true;
    return tokens_[i].letter_case == TokenCase::upper && tokens_[i].blank_before &&
           document_.lexicon.is_state_abbreviation(document_.written(tokens_[i])) &&
           (i > at || followed_by_zip(i));
  }

  static bool is_two_word_state(const std::string& word) {
    return word == "new" || word == "north" || word == "south" || word == "west" || word == "rhode";
  }

  bool followed_by_zip(std::size_t at) const {
    return at + 1 < tokens_.size() && tokens_[at + 1].size() == 5 &&
           (tokens_[at + 1].kind == TokenKind::number || tokens_[at + 1].kind == TokenKind::mixed);
  }

  /// "Xville, OH", "Xville OH 44444": any capitalised words before a state.
  void city_before_state(std::size_t at) {
    if (!is_capitalised(document_, tokens_[at]) || !is_state(at + 1)) return;
    if (tokens_[at].is(word_month | word_credential | word_weekday)) return;
    std::size_t first = at;
    while (first > 0 && at - first < 2 && adjoins(tokens_[first]) &&
           is_capitalised(document_, tokens_[first - 1]) && !document_.taken[first - 1] &&
           !tokens_[first - 1].is(word_safe | word_role | word_title)) {
      --first;
    }
    document_.add_tokens(first, at, Category::location, 0.7, "city before a state");
  }

  /// in, from, near ... directly before token `at`, or a word about living somewhere.
  bool after_place_word(std::size_t at) const {
    if (at == 0 || !tokens_[at - 1].is_word()) return false;
    static constexpr std::string_view words[] = {"in",       "from",   "near",      "outside",
                                                 "around",   "within", "relocated", "downtown",
                                                 "suburban", "rural",  "via"};
    return std::find(std::begin(words), std::end(words), tokens_[at - 1].word) != std::end(words);
  }

  /// "moved here from Xville": unknown capitalised words after in, from, near.
  void after_preposition(std::size_t at) {
    const Token& token = tokens_[at];
    if (!after_place_word(at) || !is_capitalised(document_, token)) return;
    constexpr std::uint32_t known = word_safe | word_state | word_month | word_weekday | word_drug |
                                    word_eponym | word_title | word_role | word_kin |
                                    word_first_name | word_condition | word_unit;
    if (token.is(known) || has_clinical_suffix(token.word)) return;
    if (token.letter_case == TokenCase::upper && token.size() <= 4) return;
    if (document_.tokenized.all_caps && has_common_suffix(token.word)) return;
    std::size_t last = at;
    while (last + 1 < tokens_.size() && last - at < 2 && adjoins(tokens_[last + 1]) &&
           is_capitalised(document_, tokens_[last + 1]) &&
           !tokens_[last + 1].is(known | word_credential)) {
      ++last;
    }
    document_.add_tokens(at, last, Category::location, 0.6, "place after a preposition");
  }

  Document& document_;
  const std::vector<Token>& tokens_;
};

}  // namespace

void find_places(Document& document) { PlaceFinder{document}.run(); }

}  // namespace hippocrypt::privacy
