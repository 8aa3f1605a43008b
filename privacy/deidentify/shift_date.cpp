#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "privacy/deidentify/surrogates.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr int year_of_dates_without = 2001;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Days since 1970-01-01 of the proleptic Gregorian calendar, and back (Hinnant's algorithms).
int days_of(int y, int m, int d) {
  y -= m <= 2 ? 1 : 0;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int yoe = y - era * 400;
  const int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

std::array<int, 3> date_of(int days) {
  days += 719468;
  const int era = (days >= 0 ? days : days - 146096) / 146097;
  const int doe = days - era * 146097;
  const int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int mp = (5 * doy + 2) / 153;
  const int m = mp < 10 ? mp + 3 : mp - 9;
  return {yoe + era * 400 + (m <= 2 ? 1 : 0), m, doy - (153 * mp + 2) / 5 + 1};
}

constexpr std::array<std::string_view, 12> months{"january",   "february", "march",    "april",
                                                  "may",       "june",     "july",     "august",
                                                  "september", "october",  "november", "december"};

/// 1 to 12; 0: no month.
int month_of(std::string_view word) {
  std::string lower{word};
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (lower.size() >= 3 &&
        (months[i] == lower || months[i].substr(0, 3) == lower || (lower == "sept" && i == 8))) {
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

/// A stretch of digits or letters of the text.
struct Part {
  std::size_t begin = 0, end = 0;
  bool number = false;
};

std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> parts;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (is_digit(text[at])) {
      while (end < text.size() && is_digit(text[end])) ++end;
      parts.push_back({at, end, true});
    } else if (is_letter(text[at])) {
      while (end < text.size() && is_letter(text[end])) ++end;
      parts.push_back({at, end, false});
    }
    at = end;
  }
  return parts;
}

std::string_view text_of(std::string_view text, const Part& part) {
  return text.substr(part.begin, part.end - part.begin);
}

int number_of(std::string_view digits) {
  int value = 0;
  for (const char c : digits.substr(0, 6)) value = 10 * value + (c - '0');
  return value;
}

/// Which parts are the year, the month and the day; -1: none.
struct Roles {
  int year = -1, month = -1, day = -1;
};

std::string month_like(std::string_view like, int month) {
  const std::string_view name = months[static_cast<std::size_t>(month - 1)];
  std::string out{like.size() <= 4 && like.size() < name.size() ? name.substr(0, 3) : name};
  const bool upper = like.size() > 1 && like[1] >= 'A' && like[1] <= 'Z';
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (upper || (i == 0 && like[0] >= 'A' && like[0] <= 'Z'))
      out[i] = static_cast<char>(out[i] - 32);
  }
  return out;
}

std::string number_like(std::string_view like, int value) {
  if (like.size() == 4) return fmt::format("{:04}", value);
  if (like.size() == 2 && (like[0] == '0' || value < 10)) return fmt::format("{:02}", value);
  return std::to_string(value);
}

Roles roles_of(std::string_view text, const std::vector<Part>& parts, bool day_first) {
  Roles roles;
  std::vector<int> numbers;
  const auto value = [&](int i) {
    return number_of(text_of(text, parts[static_cast<std::size_t>(i)]));
  };
  for (int i = 0; i < static_cast<int>(parts.size()); ++i) {
    const Part& part = parts[static_cast<std::size_t>(i)];
    const std::string_view word = text_of(text, part);
    // What follows a time's colon is no date.
    if (part.number && part.end < text.size() && text[part.end] == ':') break;
    if (!part.number) {
      if (roles.month < 0 && month_of(word) > 0) roles.month = i;
    } else if (word.size() == 4 && roles.year < 0) {
      roles.year = i;
    } else if (word.size() <= 2 && numbers.size() < 3) {
      numbers.push_back(i);
    } else {
      return {};
    }
  }
  if (roles.month >= 0) {
    if (!numbers.empty()) roles.day = numbers[0];
    if (roles.year < 0 && numbers.size() == 2) roles.year = numbers[1];
    return numbers.size() <= (roles.year >= 0 ? 2U : 1U) ? roles : Roles{};
  }
  if (numbers.size() == 1) {
    roles.month = numbers[0];
    return roles.year >= 0 ? roles : Roles{};
  }
  if (numbers.size() < 2) return {};
  const bool year_first = roles.year == 0;
  const bool swap =
      !year_first && (value(numbers[0]) > 12 || (day_first && value(numbers[1]) <= 12));
  roles.month = numbers[swap ? 1 : 0];
  roles.day = numbers[swap ? 0 : 1];
  if (numbers.size() == 3 && roles.year < 0) roles.year = numbers[2];
  return roles;
}

}  // namespace

std::string shift_date(std::string_view date, int days, bool day_first) {
  const auto parts = parts_of(date);
  if (parts.size() == 1 && parts[0].number && date.size() == 8) {  // 20210304
    const int value = days_of(number_of(date.substr(0, 4)), number_of(date.substr(4, 2)),
                              number_of(date.substr(6, 2)));
    const auto [y, m, d] = date_of(value + days);
    return fmt::format("{:04}{:02}{:02}", y, m, d);
  }
  const Roles roles = roles_of(date, parts, day_first);
  if (roles.month < 0) return {};
  const auto part = [&](int i) { return text_of(date, parts[static_cast<std::size_t>(i)]); };
  const bool named = !parts[static_cast<std::size_t>(roles.month)].number;
  const int month = named ? month_of(part(roles.month)) : number_of(part(roles.month));
  const int day = roles.day < 0 ? 15 : number_of(part(roles.day));
  int year = roles.year < 0 ? year_of_dates_without : number_of(part(roles.year));
  const bool short_year = roles.year >= 0 && part(roles.year).size() == 2;
  if (short_year) year += year <= 30 ? 2000 : 1900;
  if (month < 1 || month > 12 || day < 1 || day > 31) return {};
  const auto [y, m, d] = date_of(days_of(year, month, day) + days);
  std::string out;
  std::size_t at = 0;
  for (int i = 0; i < static_cast<int>(parts.size()); ++i) {
    const Part& p = parts[static_cast<std::size_t>(i)];
    out += date.substr(at, p.begin - at);
    at = p.end;
    const std::string_view old = text_of(date, p);
    if (i == roles.month) {
      out += named ? month_like(old, m) : number_like(old, m);
    } else if (i == roles.day) {
      out += number_like(old, d);
    } else if (i == roles.year) {
      out += short_year ? fmt::format("{:02}", y % 100) : std::to_string(y);
    } else if (roles.day >= 0 && i == roles.day + 1 &&
               (old == "st" || old == "nd" || old == "rd" || old == "th")) {
      out += d % 100 >= 11 && d % 100 <= 13 ? "th"
             : d % 10 == 1                  ? "st"
             : d % 10 == 2                  ? "nd"
             : d % 10 == 3                  ? "rd"
                                            : "th";
    } else {
      out += old;
    }
  }
  out += date.substr(at);
  return out;
}

}  // namespace hippocrypt::privacy
