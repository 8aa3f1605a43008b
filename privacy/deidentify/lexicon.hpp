#pragma once
// Words that the rules know. The lists are data/deidentify/*.txt, compiled in, so that the program
// finds them from any folder.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hippocrypt::privacy {

/// What a word is known as; bits, as many words are several of these.
enum WordClass : std::uint32_t {
  word_first_name = 1U << 0,
  word_last_name = 1U << 1,
  word_safe = 1U << 2,    ///< a common or clinical word
  word_eponym = 1U << 3,  ///< stands in the name of a disease, sign, device or operation
  word_drug = 1U << 4,
  word_state = 1U << 5,  ///< a state, country, language or religion
  word_month = 1U << 6,
  word_weekday = 1U << 7,
  word_title = 1U << 8,       ///< Mr, Dr: a name follows
  word_credential = 1U << 9,  ///< MD, RN: a name came before
  word_kin = 1U << 10,        ///< wife, daughter
  word_role = 1U << 11,       ///< surgeon, provider: before a colon, a name follows
  word_particle = 1U << 12,   ///< van, de la: inside a name
  word_city = 1U << 13,       ///< a city of one word
  word_place = 1U << 14,      ///< hospital, clinic, county: the end of a place's name
  word_condition = 1U << 15,  ///< disease, sign, catheter: an eponym came before
  word_unit = 1U << 16,       ///< mg, mL: a quantity came before
};

class Lexicon {
 public:
  /// The one of this program.
  static const Lexicon& instance();

  /// The classes of `word` (lower case), 0 when it is unknown. "o'brien-smith" has those of its
  /// parts where the whole is unknown.
  std::uint32_t classes(std::string_view word) const;
  /// Whether the words ("new york") are a city; `words` lower case, single blanks.
  bool is_city(const std::string& words) const { return cities_.count(words) > 0; }
  std::size_t longest_city_words() const { return longest_city_words_; }
  bool is_state_abbreviation(std::string_view upper) const;
  const std::vector<std::string>& first_names() const { return first_names_; }
  const std::vector<std::string>& last_names() const { return last_names_; }
  const std::vector<std::string>& city_names() const { return city_names_; }

 private:
  Lexicon();
  void add(std::string_view words, std::uint32_t bits);

  std::unordered_map<std::string, std::uint32_t> words_;
  std::unordered_map<std::string, std::uint32_t> cities_;
  std::size_t longest_city_words_ = 1;
  std::vector<std::string> first_names_, last_names_, city_names_;
};

/// Whether the end of `word` (lower case) marks it as a common, medical or pharmaceutical word:
/// "-itis", "-ectomy", "-pril", "-mab".
bool has_clinical_suffix(std::string_view word);
/// The same for plain English: "-ing", "-tion", "-ly".
bool has_common_suffix(std::string_view word);

}  // namespace hippocrypt::privacy
