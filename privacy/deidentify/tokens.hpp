#pragma once
// Words, numbers and marks of a normalised text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "privacy/deidentify/lexicon.hpp"

namespace hippocrypt::privacy {

enum class TokenKind : std::uint8_t {
  word,    ///< letters, with ' and - inside: O'Brien, Smith-Jones
  number,  ///< digits only
  mixed,   ///< letters and digits
  mark,    ///< any other character
};

enum class TokenCase : std::uint8_t { lower, capital, upper, inner };  ///< iris, Iris, IRIS, McIris

struct Token {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  TokenKind kind = TokenKind::mark;
  TokenCase letter_case = TokenCase::lower;
  char mark = 0;                   ///< of a mark
  bool blank_before = false;       ///< white space stands before
  std::uint8_t breaks_before = 0;  ///< line ends before, at most 255
  bool starts_sentence = false;
  bool starts_line = false;
  bool read_wrong = false;  ///< digits that an OCR put in for letters
  std::uint32_t classes = 0;
  std::string word;  ///< lower case, without a possessive 's; of words (and mixed ones)

  bool is(std::uint32_t any_of) const { return (classes & any_of) != 0; }
  bool is_word() const { return kind == TokenKind::word; }
  bool is_mark(char c) const { return kind == TokenKind::mark && mark == c; }
  /// The written length.
  std::size_t size() const { return end - begin; }
};

struct TokenizedText {
  std::vector<Token> tokens;
  bool all_caps = false;  ///< nearly all letters are capitals: case says nothing
};

/// Each byte is looked at a bounded number of times. Words beyond 64 bytes are cut there.
TokenizedText tokenize(std::string_view text, const Lexicon& lexicon);

}  // namespace hippocrypt::privacy
