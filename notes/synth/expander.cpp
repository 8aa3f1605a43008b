#include "notes/synth/expander.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace hippocrypt::notes {
namespace {

constexpr int max_depth = 16;
constexpr int redraws = 4;

/// A decimal number as an integer and the number of its decimals.
struct Decimal {
  std::size_t digits = 0;
  std::size_t decimals = 0;
};

Decimal parse_decimal(std::string_view text) {
  Decimal decimal;
  bool after_point = false;
  HIPPOCRYPT_CHECK(!text.empty() && text.size() < 10, std::string{text});
  for (const char c : text) {
    if (c == '.') {
      after_point = true;
      continue;
    }
    HIPPOCRYPT_CHECK(c >= '0' && c <= '9', std::string{text});
    decimal.digits = decimal.digits * 10 + static_cast<std::size_t>(c - '0');
    if (after_point) ++decimal.decimals;
  }
  return decimal;
}

std::size_t scale_to(Decimal decimal, std::size_t decimals) {
  for (; decimal.decimals < decimals; ++decimal.decimals) decimal.digits *= 10;
  return decimal.digits;
}

std::string print_decimal(std::size_t digits, std::size_t decimals) {
  std::string text = std::to_string(digits);
  if (decimals == 0) return text;
  if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
  text.insert(text.size() - decimals, ".");
  return text;
}

/// The index of the bracket that closes the one at `open`.
std::size_t closing_bracket(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']' && --depth == 0) return i;
  }
  HIPPOCRYPT_CHECK(false, "no closing bracket: " + std::string{text});
  return 0;
}

/// Alternatives that are empty leave spaces too many: "a  b" becomes "a b" and "a ." "a.".
std::string tidy(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_after_space = !out.empty() && out.back() == ' ';
    if (c == ' ' && (out.empty() || is_after_space)) continue;
    if ((c == '.' || c == ',' || c == ':') && is_after_space) out.pop_back();
    out.push_back(c);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

std::size_t draw_zipf(SeededSequence& random, std::size_t count) {
  constexpr std::uint64_t unit = 1'000'000;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < count; ++i) total += unit / (i + 1);
  std::uint64_t rest = random.below(total);
  std::size_t index = 0;
  while (rest >= unit / (index + 1)) {
    rest -= unit / (index + 1);
    ++index;
  }
  return index;
}

std::size_t draw_central(SeededSequence& random, std::size_t low, std::size_t high) {
  HIPPOCRYPT_CHECK(low <= high);
  const std::size_t count = high - low + 1;
  // Two statements, as the order of evaluation within one expression is the compiler's choice.
  const std::size_t first = random.below(count);
  const std::size_t second = random.below(count);
  return low + (first + second + (first & 1)) / 2;
}

Expander::Expander(SeededSequence& random, const Facts& facts, std::vector<const Lists*> skewed,
                   const Lists& shared, UsedEntries used)
    : random_{random},
      facts_{facts},
      skewed_{std::move(skewed)},
      shared_{shared},
      used_{std::move(used)} {}

std::string Expander::sentence(std::string_view list) {
  std::string text = tidy(expand(draw_entry(list)));
  HIPPOCRYPT_CHECK(!text.empty());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_start = i == 0 || (i >= 2 && text[i - 1] == ' ' && text[i - 2] == '.');
    // "eGFR" stays as it is.
    const bool is_name = i + 1 < text.size() && text[i + 1] >= 'A' && text[i + 1] <= 'Z';
    if (is_start && !is_name && text[i] >= 'a' && text[i] <= 'z') {
      text[i] = static_cast<char>(text[i] - 'a' + 'A');
    }
  }
  if (text.back() != '.' && text.back() != ':' && text.back() != ',') text.push_back('.');
  return text;
}

std::string Expander::expand(std::string_view text, int depth) {
  HIPPOCRYPT_CHECK(depth < max_depth, "a template contains itself: " + std::string{text});
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') {
      const std::size_t close = text.find('}', i);
      HIPPOCRYPT_CHECK(close != std::string_view::npos, std::string{text});
      out += expand_slot(text.substr(i + 1, close - i - 1), depth + 1);
      i = close;
    } else if (text[i] == '[') {
      const std::size_t close = closing_bracket(text, i);
      out += expand(choose_alternative(text.substr(i + 1, close - i - 1)), depth + 1);
      i = close;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string Expander::expand_slot(std::string_view slot, int depth) {
  if (!slot.empty() && slot.front() == '#') return expand_number(slot.substr(1));
  if (const auto fact = facts_.find(slot); fact != facts_.end()) return fact->second;
  return expand(draw_entry(slot), depth);
}

std::string Expander::expand_number(std::string_view range) {
  std::array<Decimal, 3> parts{Decimal{}, Decimal{}, Decimal{1, 0}};  // low, high, step
  std::size_t count = 0;
  while (!range.empty()) {
    HIPPOCRYPT_CHECK(count < parts.size());
    const std::size_t end = std::min(range.find(':'), range.size());
    parts[count++] = parse_decimal(range.substr(0, end));
    range.remove_prefix(std::min(end + 1, range.size()));
  }
  HIPPOCRYPT_CHECK(count >= 2);
  std::size_t decimals = 0;
  for (const Decimal& part : parts) decimals = std::max(decimals, part.decimals);
  const std::size_t low = scale_to(parts[0], decimals);
  const std::size_t high = scale_to(parts[1], decimals);
  const std::size_t step = scale_to(parts[2], decimals);
  HIPPOCRYPT_CHECK(low <= high && step > 0);
  return print_decimal(low + step * draw_central(random_, 0, (high - low) / step), decimals);
}

std::string_view Expander::choose_alternative(std::string_view alternatives) {
  std::vector<std::string_view> choices;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    if (alternatives[i] == '[') ++depth;
    if (alternatives[i] == ']') --depth;
    if (alternatives[i] == '|' && depth == 0) {
      choices.push_back(alternatives.substr(start, i - start));
      start = i + 1;
    }
  }
  choices.push_back(alternatives.substr(start));
  return choices[random_.below(choices.size())];
}

const std::string& Expander::draw_entry(std::string_view list) {
  const std::vector<std::string>* entries = nullptr;
  bool is_skewed = true;
  for (const Lists* lists : skewed_) {
    const auto found = lists->find(list);
    if (found == lists->end()) continue;
    entries = &found->second;
    break;
  }
  if (entries == nullptr) {
    is_skewed = false;
    const auto found = shared_.find(list);
    HIPPOCRYPT_CHECK(found != shared_.end(), "no list called " + std::string{list});
    entries = &found->second;
  }
  HIPPOCRYPT_CHECK(!entries->empty(), "an empty list: " + std::string{list});
  const std::string* entry = nullptr;
  for (int draw = 0; draw <= redraws; ++draw) {
    const std::size_t count = entries->size();
    entry = &(*entries)[is_skewed ? draw_zipf(random_, count) : random_.below(count)];
    if (used_.count(entry) == 0) break;
  }
  used_.insert(entry);
  return *entry;
}

}  // namespace hippocrypt::notes
