#pragma once
// What a word can be where a name may stand; the base of both finders of names.

#include "privacy/deidentify/document.hpp"

namespace hippocrypt::privacy {

inline constexpr std::size_t max_name_words = 5;
inline constexpr std::uint32_t any_name = word_first_name | word_last_name;

class NameWords {
 protected:
  explicit NameWords(Document& document)
      : document_{document}, tokens_{document.tokens()}, caps_{document.tokenized.all_caps} {}

  const Token* at(std::size_t i) const { return i < tokens_.size() ? &tokens_[i] : nullptr; }
  static bool is_capital(const Token& token) {
    return token.is_word() && token.letter_case != TokenCase::lower;
  }
  bool is_initial(std::size_t i) const;
  bool adjoins(std::size_t next) const {
    return next < tokens_.size() && tokens_[next].breaks_before < 2;
  }
  /// Not a common word, a drug, a month, a unit: nothing is known of it, or it is a name.
  static bool is_unknown(const Token& token);
  /// On a list of names and nothing else.
  static bool is_plain_name(const Token& token);
  /// Whether the word can be (part of) a name where one is expected.
  bool may_be_name(std::size_t i) const;
  /// The end (exclusive) of the name that starts at `first`: words, initials with their points,
  /// particles between words, "Last, First" where `comma` allows. `first` when there is none.
  std::size_t name_end(std::size_t first, bool comma, bool across_lines) const;
  /// Tokens [first, end), unless empty; and an age right after them.
  void add_name(std::size_t first, std::size_t end, double score, std::string_view rule);

  Document& document_;
  const std::vector<Token>& tokens_;
  const bool caps_;

 private:
  void age_after(std::size_t end);
};

/// Names after titles, relatives and labels, and before credentials.
void find_cued_names(Document& document);
/// Names by lists and by how they are written.
void find_bare_names(Document& document);

}  // namespace hippocrypt::privacy
