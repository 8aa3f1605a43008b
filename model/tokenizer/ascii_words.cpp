#include "model/tokenizer/ascii_words.hpp"

#include <array>
#include <cstdint>

namespace hippocrypt::model {
namespace {

enum class Kind : std::uint8_t { sign, letter, digit, space, line_break, not_ascii, end };

constexpr std::array<Kind, 256> make_kinds() {
  std::array<Kind, 256> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    const std::size_t lower = c | 0x20;
    kinds[c] = Kind::sign;
    if (lower >= 'a' && lower <= 'z') kinds[c] = Kind::letter;
    if (c >= '0' && c <= '9') kinds[c] = Kind::digit;
    if (c == ' ' || (c >= '\t' && c <= '\r')) kinds[c] = Kind::space;
    if (c == '\r' || c == '\n') kinds[c] = Kind::line_break;
    if (c >= 0x80) kinds[c] = Kind::not_ascii;
  }
  return kinds;
}

constexpr std::array<Kind, 256> kinds = make_kinds();

/// The text as kinds of characters.
class Kinds {
 public:
  explicit Kinds(std::string_view text) : text_{text} {}
  Kind operator[](std::size_t i) const {
    return i < text_.size() ? kinds[static_cast<std::uint8_t>(text_[i])] : Kind::end;
  }
  /// Where the run of `kind` that begins at `i` ends.
  std::size_t skip(std::size_t i, Kind kind) const {
    while ((*this)[i] == kind) ++i;
    return i;
  }
  /// `end`, unless the run before it might go on beyond ASCII.
  std::size_t unless_more(std::size_t end) const {
    return (*this)[end] == Kind::not_ascii ? 0 : end;
  }

 private:
  std::string_view text_;
};

/// Length of the contraction at the start of `text`, or 0. `case_bit` is set in every letter before
/// it is compared.
std::size_t contraction(std::string_view text, char case_bit) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  const auto letter = [&](std::size_t i) {
    return i < text.size() ? static_cast<char>(text[i] | case_bit) : '\0';
  };
  const char first = letter(1), second = letter(2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if ((first == 'r' && second == 'e') || (first == 'v' && second == 'e')) return 3;
  return first == 'l' && second == 'l' ? 3 : 0;
}

struct WhiteSpace {
  std::size_t end = 0;
  std::size_t after_last_break = 0;  ///< 0: no line break
};

WhiteSpace white_space(const Kinds& kind) {
  WhiteSpace run;
  while (kind[run.end] == Kind::space || kind[run.end] == Kind::line_break) {
    if (kind[run.end++] == Kind::line_break) run.after_last_break = run.end;
  }
  return run;
}

/// gpt2 and smollm.
std::size_t gpt2_word(std::string_view text, bool splits_digits) {
  if (const std::size_t size = contraction(text, 0)) return size;
  const Kinds kind{text};
  const std::size_t first = text[0] == ' ' ? 1 : 0;
  switch (kind[first]) {
    case Kind::not_ascii:
      return 0;
    case Kind::letter:
      return kind.unless_more(kind.skip(first, Kind::letter));
    case Kind::sign:
      return kind.unless_more(kind.skip(first, Kind::sign));
    case Kind::digit:
      if (!splits_digits) return kind.unless_more(kind.skip(first, Kind::digit));
      return 1;  // the digit, or the space before it
    case Kind::space:
    case Kind::line_break:
    case Kind::end:
      break;
  }
  const std::size_t end = white_space(kind).end;
  const Kind next = kind[end];
  if (next == Kind::not_ascii) return 0;
  const bool whole = next == Kind::end || (splits_digits && next == Kind::digit) || end == 1;
  return whole ? end : end - 1;
}

/// llama3 and qwen2.
std::size_t llama3_word(std::string_view text, std::size_t most_digits) {
  const Kinds kind{text};
  const Kind first = kind[0], second = kind[1];
  // U+017F is a letter s to an expression that ignores case.
  if (text[0] == '\'' && second == Kind::not_ascii) return 0;
  if (const std::size_t size = contraction(text, 0x20)) return size;
  if (first == Kind::letter) return kind.unless_more(kind.skip(0, Kind::letter));
  if (first == Kind::digit) {
    std::size_t end = 1;
    while (end < most_digits && kind[end] == Kind::digit) ++end;
    return end == most_digits ? end : kind.unless_more(end);
  }
  if (first == Kind::not_ascii) return 0;
  if (first != Kind::line_break) {
    if (second == Kind::letter) return kind.unless_more(kind.skip(1, Kind::letter));
    if (second == Kind::not_ascii) return 0;
    const std::size_t sign = text[0] == ' ' ? 1 : 0;
    if (kind[sign] == Kind::sign) {
      const std::size_t end = kind.skip(sign, Kind::sign);
      return kind[end] == Kind::not_ascii ? 0 : kind.skip(end, Kind::line_break);
    }
  }
  const WhiteSpace run = white_space(kind);
  if (kind[run.end] == Kind::not_ascii) return 0;
  if (run.after_last_break != 0) return run.after_last_break;
  return kind[run.end] == Kind::end || run.end == 1 ? run.end : run.end - 1;
}

}  // namespace

std::size_t first_ascii_word(SplitPattern pattern, std::string_view text) {
  switch (pattern) {
    case SplitPattern::gpt2:
      return gpt2_word(text, false);
    case SplitPattern::smollm:
      return gpt2_word(text, true);
    case SplitPattern::llama3:
      return llama3_word(text, 3);
    case SplitPattern::qwen2:
      return llama3_word(text, 1);
  }
  return 0;
}

}  // namespace hippocrypt::model
