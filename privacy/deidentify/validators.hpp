#pragma once
// Check digits and forms of issued numbers. Each takes a candidate as written, with its blanks and
// hyphens, and says whether it could have been issued.

#include <string>
#include <string_view>

namespace hippocrypt::privacy {

std::string only_digits(std::string_view text);
/// Letters and digits, upper case.
std::string only_alnum(std::string_view text);

/// Luhn, mod 10 (ISO/IEC 7812-1).
bool is_luhn(std::string_view text);
/// 12 to 19 digits with Luhn and a first digit of 2 to 6.
bool is_card(std::string_view text);
/// Area not 000, 666 or 9xx, group not 00, serial not 0000.
bool is_ssn(std::string_view text);
/// 9xx with 4th and 5th digit 50-65, 70-88, 90-92 or 94-99.
bool is_itin(std::string_view text);
/// 10 digits from 1 or 2, Luhn with 80840 before.
bool is_npi(std::string_view text);
/// Two letters (or a letter and 9) and 7 digits: (d1+d3+d5) + 2 (d2+d4+d6) ends in d7.
bool is_dea(std::string_view text);
/// 17 characters without I, O and Q, weighted sum mod 11 at position 9 (49 CFR 565.15).
bool is_vin(std::string_view text);
/// 9 digits, weights 3, 7, 1, mod 10; first two digits as issued.
bool is_aba(std::string_view text);
/// ISO 13616: mod 97 of the rearranged number is 1.
bool is_iban(std::string_view text);
/// Medicare beneficiary identifier: form only, it has no check digit.
bool is_mbi(std::string_view text);
/// GTIN of 8, 12, 13 or 14 digits: weights 3 and 1 from the right.
bool is_gtin(std::string_view text);
/// NHS number: 10 digits, weights 10 to 2, mod 11.
bool is_nhs(std::string_view text);
/// North American: area and exchange from 2, neither N11.
bool is_nanp(std::string_view text);
/// Four octets to 255.
bool is_ipv4(std::string_view text);
/// Some day of a calendar: day/month, month/day, with or without a year, or year first.
bool is_numeric_date(std::string_view text);

}  // namespace hippocrypt::privacy
