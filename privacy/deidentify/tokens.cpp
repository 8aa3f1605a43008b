#include "privacy/deidentify/tokens.hpp"

#include <algorithm>

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t max_word_bytes = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return (c >= 'a' && c <= 'z'); }
bool is_letter(char c) {
  return is_upper(c) || is_lower(c) || static_cast<unsigned char>(c) >= 0x80;
}
bool is_alnum(char c) { return is_letter(c) || is_digit(c); }

char letter_for(char digit) {
  switch (digit) {
    case '0':
      return 'o';
    case '1':
      return 'l';
    case '3':
      return 'e';
    case '4':
      return 'a';
    case '5':
      return 's';
    case '6':
      return 'g';
    case '8':
      return 'b';
    default:
      return digit;
  }
}

/// The end of the run at `at`: ' and - join letters, and only these.
std::size_t run_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  const std::size_t limit = std::min(text.size(), at + max_word_bytes);
  while (end < limit) {
    const bool joint = (text[end] == '\'' || text[end] == '-') && end > at &&
                       is_letter(text[end - 1]) && end + 1 < limit && is_letter(text[end + 1]);
    if (!is_alnum(text[end]) && !joint) break;
    ++end;
  }
  return end;
}

TokenCase case_of(std::string_view word) {
  const auto letters = std::count_if(word.begin(), word.end(), is_letter);
  const auto capitals = std::count_if(word.begin(), word.end(), is_upper);
  if (!is_upper(word.front()) && capitals == 0) return TokenCase::lower;
  if (capitals == letters) return letters == 1 ? TokenCase::capital : TokenCase::upper;
  if (!is_upper(word.front())) return TokenCase::inner;
  if (capitals == 1) return TokenCase::capital;
  // Smith-Jones, O'Brien and McDonald are capitalised words.
  for (std::size_t i = 1; i < word.size(); ++i) {
    const bool after_joint = !is_letter(word[i - 1]);
    const bool after_mc = i <= 3 && is_lower(word[i - 1]);
    if (is_upper(word[i]) && !after_joint && !after_mc) return TokenCase::inner;
  }
  return TokenCase::capital;
}

/// Fills in what a run of letters and digits is.
void describe_run(Token& token, std::string_view written, const Lexicon& lexicon) {
  const auto digits = std::count_if(written.begin(), written.end(), is_digit);
  const auto letters = std::count_if(written.begin(), written.end(), is_letter);
  if (letters == 0) {
    token.kind = TokenKind::number;
    return;
  }
  token.kind = digits == 0 ? TokenKind::word : TokenKind::mixed;
  token.letter_case = case_of(written);
  for (const char c : written) token.word += is_upper(c) ? static_cast<char>(c + 32) : c;
  if (digits > 0 && letters >= 3 && letters >= 2 * digits && !is_digit(written.front())) {
    token.kind = TokenKind::word;
    token.read_wrong = true;
    std::transform(token.word.begin(), token.word.end(), token.word.begin(), letter_for);
  }
  const auto size = token.word.size();
  if (size > 2 && token.word[size - 2] == '\'' && token.word[size - 1] == 's') {
    token.word.resize(size - 2);
  }
  token.classes = lexicon.classes(token.word);
  if (token.read_wrong && token.classes == 0) {
    // 1 stands for l as often as for i.
    std::string other = token.word;
    for (std::size_t i = 0; i < other.size() && i < written.size(); ++i) {
      if (written[i] == '1') other[i] = 'i';
    }
    token.classes = lexicon.classes(other);
    if (token.classes != 0) token.word = other;
  }
}

bool ends_sentence(const Token& token) {
  return token.kind == TokenKind::mark &&
         (token.mark == '.' || token.mark == '!' || token.mark == '?' || token.mark == ':' ||
          token.mark == ';');
}

void mark_starts(std::vector<Token>& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    Token& token = tokens[i];
    token.starts_line = i == 0 || token.breaks_before > 0;
    token.starts_sentence = i == 0 || token.breaks_before > 1;
    if (i == 0 || token.starts_sentence) continue;
    std::size_t before = i - 1;
    while (before > 0 && tokens[before].kind == TokenKind::mark &&
           std::string_view{"\"'()[]*-|"}.find(tokens[before].mark) != std::string_view::npos) {
      if (i - before > 4) break;
      --before;
    }
    // "J. Smith" and "Dr. Smith" are no new sentences.
    const bool abbreviation =
        tokens[before].is_mark('.') && before > 0 && tokens[before - 1].is_word() &&
        (tokens[before - 1].size() == 1 || tokens[before - 1].is(word_title | word_particle));
    token.starts_sentence = (ends_sentence(tokens[before]) && !abbreviation) ||
                            (before == 0 && tokens[0].kind == TokenKind::mark);
  }
}

}  // namespace

TokenizedText tokenize(std::string_view text, const Lexicon& lexicon) {
  TokenizedText out;
  std::size_t capitals = 0;
  std::size_t letters = 0;
  bool blank = false;
  std::uint8_t breaks = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\v') {
      blank = true;
      if (c == '\n' && breaks < 255) ++breaks;
      ++at;
      continue;
    }
    Token token;
    token.begin = static_cast<std::uint32_t>(at);
    token.blank_before = blank;
    token.breaks_before = breaks;
    blank = false;
    breaks = 0;
    std::size_t end = at + 1;
    if (is_alnum(c)) {
      end = run_end(text, at);
      describe_run(token, text.substr(at, end - at), lexicon);
    } else {
      token.mark = c;
    }
    for (; at < end; ++at) {
      capitals += is_upper(text[at]) ? 1U : 0U;
      letters += is_letter(text[at]) ? 1U : 0U;
    }
    token.end = static_cast<std::uint32_t>(end);
    out.tokens.push_back(std::move(token));
  }
  mark_starts(out.tokens);
  out.all_caps = letters >= 20 && 10 * capitals >= 8 * letters;
  return out;
}

}  // namespace hippocrypt::privacy
