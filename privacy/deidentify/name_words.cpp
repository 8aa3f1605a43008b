#include "privacy/deidentify/name_words.hpp"

namespace hippocrypt::privacy {
namespace {

// Words that no name contains, unless they are also on a list of names.
constexpr std::uint32_t never = word_role | word_kin | word_unit | word_weekday | word_drug |
                                word_place | word_state | word_title;

}  // namespace

bool NameWords::is_initial(std::size_t i) const {
  return i < tokens_.size() && tokens_[i].is_word() && tokens_[i].size() == 1 &&
         tokens_[i].letter_case == TokenCase::capital;
}

bool NameWords::is_unknown(const Token& token) {
  constexpr std::uint32_t known = word_safe | word_eponym | word_drug | word_state | word_month |
                                  word_weekday | word_title | word_credential | word_kin |
                                  word_role | word_place | word_condition | word_unit;
  return !token.is(known) && token.size() >= 3;
}

bool NameWords::is_plain_name(const Token& token) {
  return token.is(any_name) && !token.is(word_safe | word_eponym | word_month | word_state |
                                         word_role | word_kin | word_unit | word_drug);
}

bool NameWords::may_be_name(std::size_t i) const {
  if (i >= tokens_.size() || document_.taken[i]) return false;
  const Token& token = tokens_[i];
  if (!is_capital(token)) return false;
  if (token.size() == 1) return true;
  if (token.is(any_name)) return !token.is(word_unit | word_weekday);
  if (token.is(never | word_safe | word_credential | word_month)) return false;
  if (token.is(word_condition)) return false;
  return !(caps_ && has_common_suffix(token.word));
}

std::size_t NameWords::name_end(std::size_t first, bool comma, bool across_lines) const {
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

void NameWords::add_name(std::size_t first, std::size_t end, double score, std::string_view rule) {
  if (end <= first) return;
  document_.add_tokens(first, end - 1, Category::name, score, rule);
  age_after(end);
}

void NameWords::age_after(std::size_t end) {
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

}  // namespace hippocrypt::privacy
