#pragma once
// Names that were found, so that they are found everywhere: in other places of the note, in other
// notes of the patient, in lower case, with 's, and with one letter wrong.

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "privacy/deidentify/document.hpp"

namespace hippocrypt::privacy {

class KnownNames {
 public:
  /// Most words of a patient that are kept; what is found beyond is masked where it stands only.
  static constexpr std::size_t max_words = 4096;

  /// The names and places in document.found.
  void learn(const Document& document);
  /// Adds to `document` every other place where they stand, and the persons' initials ("J.S.").
  void find(Document& document) const;
  bool empty() const { return words_.empty(); }
  std::size_t size() const { return words_.size(); }

 private:
  struct Known {
    Category category;
    bool sure;       ///< also where it is written in lower case
    bool is_common;  ///< also a common word: only where it is capitalised inside a sentence
  };

  void learn_word(const Token& token, const Span& span);
  const Known* look_up(const Document& document, std::size_t at) const;
  void add_neighbours(const std::string& word);
  bool is_near(const std::string& word) const;

  std::unordered_map<std::string, Known> words_;
  std::unordered_set<std::string> neighbours_;  ///< long words with any one letter left out
  std::unordered_set<std::string> initials_;    ///< "js" of John Smith
};

}  // namespace hippocrypt::privacy
