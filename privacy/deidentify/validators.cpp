#include "privacy/deidentify/validators.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace hippocrypt::privacy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
int value(char c) { return c - '0'; }
int number(std::string_view digits) {
  int result = 0;
  for (const char c : digits) result = 10 * result + value(c);
  return result;
}

// Of 49 CFR 565.15, table IV; 0 for I, O and Q, which are refused before.
int vin_value(char c) {
  constexpr std::string_view letters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  constexpr std::array<int, 23> values{1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4,
                                       5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  if (is_digit(c)) return value(c);
  const std::size_t at = letters.find(c);
  return at == std::string_view::npos ? 0 : values[at];
}

bool is_mbi_letter(char c) {
  return is_upper(c) && std::string_view{"SLOIBZ"}.find(c) == std::string_view::npos;
}

bool is_day(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1) return false;
  constexpr std::array<int, 12> days{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year < 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
  if (month == 2 && !leap) return day <= 28;
  return day <= days[static_cast<std::size_t>(month - 1)];
}

}  // namespace

std::string only_digits(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
  return digits;
}

std::string only_alnum(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (is_digit(c) || is_upper(upper(c))) kept += upper(c);
  }
  return kept;
}

bool is_luhn(std::string_view text) {
  const std::string digits = only_digits(text);
  if (digits.empty()) return false;
  int sum = 0;
  bool twice = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const int d = value(*digit) * (twice ? 2 : 1);
    sum += d > 9 ? d - 9 : d;
  }
  return sum % 10 == 0;
}

bool is_card(std::string_view text) {
  const std::string digits = only_digits(text);
  return digits.size() >= 12 && digits.size() <= 19 && digits[0] >= '2' && digits[0] <= '6' &&
         is_luhn(digits);
}

bool is_ssn(std::string_view text) {
  const std::string digits = only_digits(text);
  if (digits.size() != 9) return false;
  const std::string_view d = digits;
  return d.substr(0, 3) != "000" && d.substr(0, 3) != "666" && d[0] != '9' &&
         d.substr(3, 2) != "00" && d.substr(5) != "0000";
}

bool is_itin(std::string_view text) {
  const std::string digits = only_digits(text);
  if (digits.size() != 9 || digits[0] != '9') return false;
  const int middle = number(std::string_view{digits}.substr(3, 2));
  return (middle >= 50 && middle <= 65) || (middle >= 70 && middle <= 88) ||
         (middle >= 90 && middle <= 92) || (middle >= 94 && middle <= 99);
}

bool is_npi(std::string_view text) {
  const std::string digits = only_digits(text);
  return digits.size() == 10 && (digits[0] == '1' || digits[0] == '2') && is_luhn("80840" + digits);
}

bool is_dea(std::string_view text) {
  const std::string all = only_alnum(text);
  if (all.size() != 9 || !is_upper(all[0]) || !(is_upper(all[1]) || all[1] == '9')) return false;
  const std::string_view d = std::string_view{all}.substr(2);
  if (!std::all_of(d.begin(), d.end(), is_digit)) return false;
  const int sum =
      value(d[0]) + value(d[2]) + value(d[4]) + 2 * (value(d[1]) + value(d[3]) + value(d[5]));
  return sum % 10 == value(d[6]);
}

bool is_vin(std::string_view text) {
  const std::string all = only_alnum(text);
  if (all.size() != 17 || all.find_first_of("IOQ") != std::string::npos) return false;
  constexpr std::array<int, 17> weights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i) sum += weights[i] * vin_value(all[i]);
  return all[8] == (sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11));
}

bool is_aba(std::string_view text) {
  const std::string d = only_digits(text);
  if (d.size() != 9) return false;
  const int prefix = number(std::string_view{d}.substr(0, 2));
  const bool issued = (prefix >= 1 && prefix <= 12) || (prefix >= 21 && prefix <= 32) ||
                      (prefix >= 61 && prefix <= 72) || prefix == 80;
  const int sum = 3 * (value(d[0]) + value(d[3]) + value(d[6])) +
                  7 * (value(d[1]) + value(d[4]) + value(d[7])) + value(d[2]) + value(d[5]) +
                  value(d[8]);
  return issued && sum % 10 == 0;
}

bool is_iban(std::string_view text) {
  const std::string all = only_alnum(text);
  if (all.size() < 15 || all.size() > 34 || !is_upper(all[0]) || !is_upper(all[1])) return false;
  int rest = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const char c = all[(i + 4) % all.size()];
    rest = is_digit(c) ? (rest * 10 + value(c)) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  }
  return rest == 1;
}

bool is_mbi(std::string_view text) {
  const std::string all = only_alnum(text);
  // C: 1-9, A: a letter, N: a digit, B: either.
  constexpr std::string_view form = "CABNABNAANN";
  if (all.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = all[i];
    const bool fits = form[i] == 'C'   ? c >= '1' && c <= '9'
                      : form[i] == 'A' ? is_mbi_letter(c)
                      : form[i] == 'N' ? is_digit(c)
                                       : is_digit(c) || is_mbi_letter(c);
    if (!fits) return false;
  }
  return true;
}

bool is_gtin(std::string_view text) {
  const std::string d = only_digits(text);
  if (d.size() != 8 && (d.size() < 12 || d.size() > 14)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < d.size(); ++i) sum += value(d[d.size() - 1 - i]) * (i % 2 ? 3 : 1);
  return sum % 10 == 0;
}

bool is_nhs(std::string_view text) {
  const std::string d = only_digits(text);
  if (d.size() != 10) return false;
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (10 - i) * value(d[static_cast<std::size_t>(i)]);
  const int check = (11 - sum % 11) % 11;
  return check != 10 && check == value(d[9]);
}

bool is_nanp(std::string_view text) {
  std::string d = only_digits(text);
  if (d.size() == 11 && d[0] == '1') d.erase(0, 1);
  return d.size() == 10 && d[0] >= '2' && d[3] >= '2' && d.compare(1, 2, "11") != 0 &&
         d.compare(4, 2, "11") != 0;
}

bool is_ipv4(std::string_view text) {
  int octets = 0;
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    if (end == 0 || end > 3 || number(text.substr(0, end)) > 255) return false;
    ++octets;
    if (end == text.size()) return octets == 4;
    text.remove_prefix(end + 1);
  }
}

bool is_numeric_date(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (is_digit(c)) {
      parts.back() += c;
    } else if (!parts.back().empty()) {
      if (c == 'T' || c == ' ' || c == ':') break;
      parts.emplace_back();
    }
  }
  if (parts.size() == 1 && parts[0].size() >= 8) {
    const std::string_view all = parts[0];
    return is_day(number(all.substr(0, 4)), number(all.substr(4, 2)), number(all.substr(6, 2)));
  }
  if (parts.size() < 2 || parts[0].size() > 4 || parts[1].size() > 4) return false;
  const int first = number(parts[0]);
  const int second = number(parts[1]);
  if (parts.size() == 2) {
    if (parts[1].size() == 4) return first >= 1 && first <= 12;  // month/year
    return is_day(-1, first, second) || is_day(-1, second, first);
  }
  if (parts[2].size() > 4) return false;
  const int third = number(parts[2]);
  if (parts[0].size() == 4) return is_day(first, second, third);
  const int year = parts[2].size() == 4 ? third : -1;
  return is_day(year, first, second) || is_day(year, second, first);
}

}  // namespace hippocrypt::privacy
