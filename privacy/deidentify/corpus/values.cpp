#include "privacy/deidentify/corpus/values.hpp"

#include <fmt/format.h>

#include <array>

#include "privacy/deidentify/validators.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::array<std::string_view, 12> month_names{
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> day_names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};

char pick(std::string_view from, SeededSequence& random) { return from[random.below(from.size())]; }

std::string_view ordinal_suffix(int day) {
  if (day >= 11 && day <= 13) return "th";
  return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

std::string format_field(char field, bool padded, const InventedDate& date,
                         SeededSequence& random) {
  const auto month = static_cast<std::size_t>(date.month - 1);
  switch (field) {
    case 'Y':
      return std::to_string(date.year);
    case 'y':
      return fmt::format("{:02}", date.year % 100);
    case 'm':
      return padded ? fmt::format("{:02}", date.month) : std::to_string(date.month);
    case 'd':
      return padded ? fmt::format("{:02}", date.day) : std::to_string(date.day);
    case 'B':
      return std::string{month_names[month]};
    case 'b':
      return std::string{month_names[month].substr(0, 3)};
    case 'A':
      return std::string{day_names[random.below(7)]};
    case 'a':
      return std::string{day_names[random.below(7)].substr(0, 3)};
    case 'o':
      return fmt::format("{}{}", date.day, ordinal_suffix(date.day));
    case 'H':
      return fmt::format("{:02}", random.below(24));
    case 'M':
      return fmt::format("{:02}", random.below(60));
    default:
      return std::string(1, field);
  }
}

/// Tries shapes until `valid` accepts one: check digits are one in ten or eleven.
std::string until_valid(std::string_view shape, bool (*valid)(std::string_view),
                        SeededSequence& random) {
  while (true) {
    std::string value = fill_shape(shape, random);
    if (valid(value)) return value;
  }
}

std::string invent_vin(SeededSequence& random) {
  constexpr std::string_view alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
  while (true) {
    std::string vin;
    for (int i = 0; i < 17; ++i)
      vin += i >= 11 ? pick("0123456789", random) : pick(alphabet, random);
    if (is_vin(vin)) return vin;
  }
}

std::string invent_iban(SeededSequence& random) {
  const std::string account = fill_shape("##################", random);
  for (int check = 2; check <= 98; ++check) {
    const std::string iban = fmt::format("DE{:02}{}", check, account);
    if (is_iban(iban)) return iban;
  }
  return "DE" + account;
}

std::string invent_mbi(SeededSequence& random) {
  constexpr std::string_view letters = "ACDEFGHJKMNPQRTUVWXY";
  std::string mbi;
  for (const char form : std::string_view{"CABNABNAANN"}) {
    mbi += form == 'C'   ? pick("123456789", random)
           : form == 'N' ? pick("0123456789", random)
                         : pick(letters, random);
  }
  return mbi;
}

}  // namespace

InventedDate invent_date(SeededSequence& random) {
  return {static_cast<int>(1930 + random.below(95)), static_cast<int>(1 + random.below(12)),
          static_cast<int>(1 + random.below(28))};
}

std::string format_date(const InventedDate& date, std::string_view format, SeededSequence& random) {
  std::string text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 >= format.size()) {
      text += format[i];
      continue;
    }
    const bool padded = format[i + 1] != '-';
    i += padded ? 1 : 2;
    if (i < format.size()) text += format_field(format[i], padded, date, random);
  }
  return text;
}

std::string fill_shape(std::string_view shape, SeededSequence& random) {
  std::string value;
  for (const char c : shape) {
    switch (c) {
      case '#':
        value += pick("0123456789", random);
        break;
      case '^':
        value += pick("23456789", random);
        break;
      case '&':
        value += pick("ABCDEFGHJKLMNPRSTUVWXYZ", random);
        break;
      case '%':
        value += pick("abcdefghijklmnopqrstuvwxyz", random);
        break;
      case '~':
        value += pick("0123456789abcdef", random);
        break;
      default:
        value += c;
    }
  }
  return value;
}

std::string invent_checked(std::string_view kind, SeededSequence& random) {
  if (kind == "npi") return until_valid("1#########", is_npi, random);
  if (kind == "dea") return until_valid("B&#######", is_dea, random);
  if (kind == "vin") return invent_vin(random);
  if (kind == "card") return until_valid("4### #### #### ####", is_card, random);
  if (kind == "iban") return invent_iban(random);
  if (kind == "mbi") return invent_mbi(random);
  if (kind == "udi") {
    return "(01)" + until_valid("0#############", is_gtin, random) +
           fill_shape("(17)2^0#1#(10)&####", random);
  }
  return {};
}

}  // namespace hippocrypt::privacy
