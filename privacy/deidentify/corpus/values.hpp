#pragma once
// Invented identifiers: what the slots of templates are filled with.

#include <string>
#include <string_view>

#include "base/random.hpp"

namespace hippocrypt::privacy {

/// A day from 1930 to 2024.
struct InventedDate {
  int year = 2000;
  int month = 1;
  int day = 1;
};

InventedDate invent_date(SeededSequence& random);
/// %Y %y %m %-m %d %-d %B (March) %b (Mar) %A %a (some weekday) %o (3rd) %H:%M.
std::string format_date(const InventedDate& date, std::string_view format, SeededSequence& random);

/// `shape` with # a digit, ^ a digit but 0, & a capital, % a small letter, ~ a hexadecimal digit.
std::string fill_shape(std::string_view shape, SeededSequence& random);

/// Numbers with right check digits: npi, dea, vin, card, iban, mbi, udi. Empty: no such kind.
std::string invent_checked(std::string_view kind, SeededSequence& random);

}  // namespace hippocrypt::privacy
