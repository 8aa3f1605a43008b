#include "privacy/deidentify/rules.hpp"
#include "privacy/deidentify/validators.hpp"

namespace hippocrypt::privacy {
namespace {

// Pieces; a pattern is a concatenation of literals.
#define MONTH                                                                        \
  "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|" \
  "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?"
#define WEEKDAY \
  "(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\\.?,?\\s{1,3}(?:the\\s)?)?"
#define YEAR "(?:1[89]|20)[0-9OolI]{2}"
#define DAY "(?:[12][0-9OolI]|3[01]|[0OoO]?[1-9lI])"
#define TIME                                                                                   \
  "(?:[T "                                                                                     \
  ",]{1,2}[0-2]?\\d:[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,6})?)?\\s?(?:[ap]\\.?m\\.?|Z|[+-]\\d\\d:?" \
  "\\d\\d)?)?"
#define D "[0-9OolISBZ]"

bool is_old(std::string_view text) {
  const std::string digits = only_digits(text);
  if (digits.size() == 2) return digits >= "90";
  return digits.size() == 3 && digits >= "100" && digits <= "125";
}

/// Letters that an OCR put in for digits forbid the calendar's judgement.
bool is_date_or_misread(std::string_view text) {
  const std::size_t digits = only_digits(text).size();
  if (text.find_first_of("OolISBZ") == std::string_view::npos) return is_numeric_date(text);
  return 2 * digits > only_alnum(text.substr(0, 10)).size();
}

constexpr Rule rules[] = {
    {Category::date, "numeric date",
     "(?:^|[^0-9A-Za-z./-])((?:" D "{1,2}\\s?[/-]\\s?" D "{1,2}\\s?[/-]\\s?(?:" D "{4}|'?" D
     "{2})|" D "{1,2}\\." D "{1,2}\\.[12lIZ]" D "{3})" TIME ")\\b",
     0.9, 0, CueKind::none, 0, nullptr, is_date_or_misread},
    {Category::date, "day, misread month and year",
     "\\b(" D "{1,2}(?:st|nd|rd|th)?\\s(?:[o0O]f\\s)?[A-Z][a-z]{2,8}\\s[12l][089OBoS]" D "{2})\\b",
     0.7},
    {Category::date, "misread month, day and year",
     "\\b([A-Z][a-z]{2,8}\\s" D "{1,2},\\s[12l][089OBoS]" D "{2})\\b", 0.7},
    {Category::date, "year-first date",
     "\\b(" YEAR "[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\\d|3[01])" TIME ")\\b", 0.9, 0,
     CueKind::none, 0, nullptr, is_numeric_date},
    {Category::date, "year-first date, misread", "\\b(" YEAR "-" D "{2}-" D "{2})\\b", 0.8},
    {Category::date, "compact date",
     "\\b((?:19|20)\\d\\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])(?:[0-2]\\d[0-5]\\d(?:[0-5]\\d)?)"
     "?)"
     "(?:[+-]\\d{4})?\\b",
     0.6, 0, CueKind::none, 0, nullptr, is_numeric_date},
    {Category::date, "month and day",
     "(?i)\\b(" WEEKDAY MONTH "\\s{0,3}" DAY "(?:st|nd|rd|th)?(?:\\s?-\\s?" DAY
     "(?:st|nd|rd|th)?)?(?:\\s{0,2},?\\s{1,3}" YEAR "|,\\s?" YEAR "|\\s?'\\d\\d)?" TIME ")\\b",
     0.8},
    {Category::date, "day and month",
     "(?i)\\b(" WEEKDAY DAY "(?:st|nd|rd|th)?\\s{0,2}(?:day\\s)?(?:of\\s)?[-/ .]?\\s?" MONTH
     "(?:[\\s,/.-]{1,3}(?:of\\s)?(?:" YEAR "|'?\\d\\d\\b))?" TIME ")\\b",
     0.8},
    {Category::date, "month and year",
     "(?i)\\b(" MONTH "(?:\\s{0,2},?\\s{0,2}(?:of\\s)?|-)(?:" YEAR "|'\\d\\d))\\b", 0.8},
    {Category::date, "numeric month and year", "\\b((?:0?[1-9]|1[0-2])[/-](?:19|20)\\d\\d)\\b",
     0.7},
    {Category::date, "month",
     "(?:^|\\s)(?:[Ii]n|[Ss]ince|[Uu]ntil|[Ll]ast|[Nn]ext|[Tt]his|[Ee]arly|[Ll]ate|[Mm]id|"
     "[Mm]id-|[Bb]y|[Dd]uring|[Oo]f|IN|SINCE|UNTIL|LAST|NEXT)[\\s]((?:January|February|March|April|"
     "May|June|July|August|September|October|November|December|JANUARY|FEBRUARY|MARCH|APRIL|MAY|"
     "JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER))\\b",
     0.7},
    {Category::date, "ordinal day",
     "(?i)\\b(?:on|of|until|by|since)\\sthe\\s((?:[12]\\d|3[01]|[1-9])(?:st|nd|rd|th))\\s(?:of\\s"
     "(?:this|last|next|the)\\smonth|inst)",
     0.6},
    {Category::date, "holiday",
     "(?i)\\b(christmas(?:\\s(?:eve|day))?|thanksgiving(?:\\sday)?|easter(?:\\ssunday)?|new\\syear'"
     "?s"
     "(?:\\s(?:eve|day))?|labor\\sday|memorial\\sday|independence\\sday|(?:fourth|4th)\\sof\\sjuly|"
     "halloween|valentine'?s\\sday|mother'?s\\sday|father'?s\\sday|veterans\\sday|good\\sfriday|"
     "boxing\\sday|hanukkah|ramadan|diwali|passover|yom\\skippur|rosh\\shashanah?)\\b",
     0.7},
    {Category::date, "day and month as numbers",
     "(?:^|[^0-9A-Za-z./-])((?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\\d|3[01]))(?:[^0-9A-Za-z/"
     "%.-]|[.-]\\D|"
     "$|-\\d{1,2}/)",
     0.3, 0.6, CueKind::date, 0, nullptr, is_numeric_date},
    {Category::age, "age and years",
     "(?i)\\b((?:9[0-9]|1[0-2][0-9]))(?:\\s{0,2}-?\\s{0,2})(?:y(?:ea)?rs?\\b|years?|yo\\b|y/"
     "o|y\\.\\s?o|"
     "yr\\b|y\\sold)(?:\\s{0,2}-?\\s?(?:old|of\\sage)\\b|\\b|\\.)",
     0.6, 0, CueKind::none, 0, nullptr, is_old},
    {Category::age, "age and sex", "\\b((?:9[0-9]|1[0-2][0-9]))\\s?(?:[MF]|male|female|y[MF])\\b",
     0.7, 0, CueKind::none, 0, nullptr, is_old},
    {Category::age, "aged",
     "(?i)\\b(?:aged?|turned|turning|turns|age\\sof|is\\snow|at\\sage|years\\syoung)\\b[\\s:=|\"]{"
     "1,4}"
     "((?:9[0-9]|1[0-2][0-9]))(?:[^0-9%/.]|\\.\\s|\\.?$)",
     0.7, 0, CueKind::none, 0, nullptr, is_old},
    {Category::age, "decade of age",
     "(?i)\\b(?:in|into)\\s(?:his|her|their)\\s(?:early\\s|mid[\\s-]|late\\s)?((?:9|10)0'?s|"
     "nineties)\\b",
     0.8},
    {Category::age, "age in words",
     "(?i)\\b(nonagenarian|centenarian|supercentenarian|ninety(?:[\\s-](?:one|two|three|four|five|"
     "six|"
     "seven|eight|nine))?(?:[\\s-]years?)[\\s-]old|(?:one|a)\\shundred(?:\\sand\\s(?:one|two|three|"
     "four|five|six|seven|eight|nine|ten))?[\\s-]years?[\\s-]old)\\b",
     0.9},
};

}  // namespace

std::span<const Rule> date_rules() { return rules; }

}  // namespace hippocrypt::privacy
