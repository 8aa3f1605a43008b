#include "privacy/deidentify/rules.hpp"
#include "privacy/deidentify/validators.hpp"

namespace hippocrypt::privacy {
namespace {

// A digit, or what an OCR makes of one.
#define D "[0-9OolISBZ]"

bool mostly_digits(std::string_view text) {
  const std::size_t all = only_alnum(text).size();
  return 4 * only_digits(text).size() >= 3 * all;
}

constexpr Rule rules[] = {
    {Category::ssn, "SSN", "\\b(\\d{3}\\s?[-. ]\\s?\\d{2}\\s?[-. ]\\s?\\d{4})\\b", 0.55, 0.95,
     CueKind::ssn, 0.9, is_ssn},
    {Category::ssn, "SSN, misread", "\\b(" D "{3}-" D "{2}-" D "{4})\\b", 0.55, 0.9, CueKind::ssn,
     0, nullptr, mostly_digits},
    {Category::ssn, "SSN without hyphens", "\\b(\\d{9})\\b", 0.2, 0.9, CueKind::ssn},
    {Category::ssn, "end of an SSN",
     "(?i)\\b(?:ssn|social\\ssecurity(?:\\snumber)?)[^0-9\\n]{1,25}(\\d{4})\\b", 0.8},
    {Category::ssn, "masked SSN", "\\b([X*x]{3}[- ][X*x]{2}[- ]\\d{4})\\b", 0.9},
    {Category::phone, "phone number",
     "((?:\\+?1[\\s.-]{0,2})?\\(?[2-9]\\d{2}\\)?[\\s.-]{0,2}[2-9]\\d{2}[\\s.-]{1,2}\\d{4}(?:\\s{0,"
     "2}(?:ext\\.?|"
     "x|extension)\\s{0,2}\\d{1,6})?)\\b",
     0.75, 0.95, CueKind::phone},
    {Category::phone, "phone number, misread",
     "((?:\\(" D "{3}\\)\\s{0,2}|\\b" D "{3}[-. ])" D "{3}[-. ]" D "{4})\\b", 0.65, 0.9,
     CueKind::phone, 0, nullptr, mostly_digits},
    {Category::phone, "phone number without marks", "\\b(1?[2-9]\\d{9})\\b", 0.3, 0.8,
     CueKind::phone},
    {Category::phone, "local phone number", "(?:^|[^0-9A-Za-z-])([2-9]\\d{2}[-.]\\d{4})\\b", 0.5,
     0.9, CueKind::phone},
    {Category::phone, "international phone number",
     "(\\+\\d{1,3}[\\s.-]{0,2}(?:\\(0\\))?(?:\\(?\\d{1,5}\\)?[\\s.-]{0,2}){1,5}\\d{2,5})\\b", 0.85},
    {Category::phone, "trunk phone number", "\\b(0\\d{2,4}[\\s-]\\d{3,4}[\\s-]?\\d{3,4})\\b", 0.5,
     0.9, CueKind::phone},
    {Category::phone, "extension or pager",
     "(?i)\\b(?:ext|extn|extension|pager|beeper|pgr)\\b[\\s.:#]{0,3}(?:(?:is|no|number)\\b[\\s.:#]{"
     "0,3})?"
     "(\\d{3,7})\\b",
     0.8},
    {Category::license, "NPI", "\\b([12]\\d{9})\\b", 0.3, 0.9, CueKind::license, 0.8, is_npi},
    {Category::license, "DEA number", "\\b([A-Za-z][A-Za-z9]\\d{7})\\b", 0.3, 0.9, CueKind::license,
     0.9, is_dea},
    {Category::health_plan, "Medicare beneficiary identifier",
     "\\b([1-9][A-Za-z][A-Za-z0-9]\\d-?[A-Za-z][A-Za-z0-9]\\d-?[A-Za-z]{2}\\d{2})\\b", 0.6, 0.95,
     CueKind::health_plan, 0.9, is_mbi},
    {Category::account, "payment card", "\\b(\\d{4}(?:[ \\n-]?\\d{4}){2}[ \\n-]?\\d{1,7})\\b", 0.55,
     0.9, CueKind::account, 0.9, is_card},
    {Category::account, "payment card, 15 digits",
     "\\b(3[47]\\d{2}[ \\n-]?\\d{6}[ \\n-]?\\d{5})\\b", 0.5, 0.9, CueKind::account, 0.9, is_luhn},
    {Category::account, "payment card, misread", "\\b(" D "{4}(?:[ \\n-]" D "{4}){3})\\b", 0.6, 0.9,
     CueKind::account, 0, nullptr, mostly_digits},
    {Category::account, "IBAN",
     "\\b([A-Z]{2}" D "{2}(?:\\s?[A-Z0-9]{4}){2,7}(?:\\s?[A-Z0-9]{1,4})?)\\b", 0.4, 0.9,
     CueKind::account, 0.95, is_iban},
    {Category::account, "bank routing number", "\\b(\\d{9})\\b", 0.2, 0.8, CueKind::account, 0.3,
     is_aba},
    {Category::vehicle, "VIN", "\\b([A-HJ-NPR-Za-hj-npr-z0-9]{17})\\b", 0.3, 0.95, CueKind::vehicle,
     0.9, is_vin, [](std::string_view text) { return only_digits(text).size() >= 3; }},
    {Category::vehicle, "VIN, misread", "\\b([A-Z0-9]{17})\\b", 0.3, 0.95, CueKind::vehicle, 0,
     nullptr, [](std::string_view text) { return only_digits(text).size() >= 3; }},
    {Category::vehicle, "plate",
     "(?i)\\b(?:plates?|tag)\\b[\\s:#]{0,3}(?:(?:number|no|is|was|of)\\b[\\s.:#]{0,3}){0,2}([A-Z0-"
     "9]{2,4}"
     "[- ]?[A-Z0-9]{2,5})\\b",
     0.8, 0, CueKind::none, 0, nullptr,
     [](std::string_view text) { return only_digits(text).size() >= 2; }},
    {Category::device, "UDI",
     "(\\(\\s?01\\s?\\)\\s?" D
     "{14}(?:\\s?\\(\\s?(?:10|11|17|21)\\s?\\)\\s?[A-Za-z0-9-]{1,20}){0,4})",
     0.95},
    {Category::device, "device identifier", "\\b(\\d{14})\\b", 0.2, 0.9, CueKind::device, 0.4,
     is_gtin},
    {Category::mrn, "NHS number", "\\b(\\d{3} \\d{3} \\d{4})\\b", 0.4, 0.9, CueKind::mrn, 0.55,
     is_nhs},
};

}  // namespace

std::span<const Rule> number_rules() { return rules; }

}  // namespace hippocrypt::privacy
