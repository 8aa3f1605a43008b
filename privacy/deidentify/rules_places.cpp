#include <algorithm>
#include <string>

#include "privacy/deidentify/lexicon.hpp"
#include "privacy/deidentify/rules.hpp"

namespace hippocrypt::privacy {
namespace {

#define SUFFIX                                                                                   \
  "(?:street|str|st|avenue|ave|av|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|place|pl|"    \
  "square|sq|"                                                                                   \
  "terrace|ter|way|circle|cir|parkway|pkwy|highway|hwy|route|rte|trail|trl|loop|crescent|close|" \
  "alley|"                                                                                       \
  "plaza|row|walk|path|turnpike|tpke|pike|broadway|run|ridge|crossing|gardens|mews|hill|grove)"
#define UNIT                                                                                       \
  "(?:,?\\s{1,2}(?:apt|apartment|unit|suite|ste|room|rm|#|floor|fl|bldg)\\.?\\s{0,2}[A-Za-z0-9-]{" \
  "1,6})?"

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// The words are capitalised, and none is a unit of measurement: "5 ML PER HOUR ... WAY" is none.
bool is_written_as_street(std::string_view text) {
  std::size_t words = 0;
  std::size_t capitals = 0;
  for (std::size_t at = text.find_first_of(" \n\t"); at != std::string_view::npos;) {
    const std::size_t begin = text.find_first_not_of(" \n\t", at);
    if (begin == std::string_view::npos) break;
    at = text.find_first_of(" \n\t", begin);
    std::string word{text.substr(begin, at == std::string_view::npos ? at : at - begin)};
    ++words;
    capitals += is_capital(word.front()) || (word.front() >= '0' && word.front() <= '9') ? 1U : 0U;
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return is_capital(c) ? static_cast<char>(c + 32) : c; });
    if (words == 1 && (Lexicon::instance().classes(word) & word_unit) != 0) return false;
  }
  return words >= 2 && capitals == words;
}

constexpr Rule rules[] = {
    {Category::location, "street address",
     "(?i)\\b([0-9OolI]{1,6}[A-D]?\\s{1,2}(?:(?:n|s|e|w|ne|nw|se|sw|north|south|east|west)\\.?\\s{"
     "1,2})?(?:"
     "[a-z0-9][a-z0-9'.-]{0,24}\\s{1,2}){1,4}?"
     "(?:(?:st|str|ave|av|rd|dr|ln|blvd|ct|pl|sq|ter|cir|pkwy|hwy|rte|trl)\\.|" SUFFIX
     "\\b)(?:\\s(?:n|s|e|w|ne|nw|se|sw)\\b)?" UNIT ")",
     0.8, 0, CueKind::none, 0, nullptr, is_written_as_street},
    {Category::location, "PO box", "(?i)\\b(p\\.?\\s?o\\.?\\s{0,2}box\\s{0,2}[0-9]{1,7})\\b", 0.95},
    {Category::location, "ZIP+4", "\\b(\\d{5}-\\d{4})\\b", 0.7},
    {Category::location, "state and ZIP",
     "(?:,\\s{0,2}(?:HI|ID|IN|ME|OK|OR)|\\b(?:A[LKZR]|C[AOT]|D[EC]|FL|GA|I[LA]|K[SY]|LA|"
     "M[DAINSOT]|N[EVHJMYCD]|OH|PA|PR|RI|S[CD]|T[NX]|UT|V[TAI]|W[AVIY]))\\b"
     "[\\s,.^|\"]{1,6}([0-9OolISBZ]{5}(?:-\\d{4})?)\\b",
     0.9},
    {Category::location, "state name and ZIP",
     "(?i)\\b(?:alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|"
     "georgia|"
     "hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|"
     "michigan|"
     "minnesota|mississippi|missouri|montana|nebraska|nevada|hampshire|jersey|mexico|york|carolina|"
     "dakota|"
     "ohio|oklahoma|oregon|pennsylvania|island|tennessee|texas|utah|vermont|virginia|washington|"
     "wisconsin|"
     "wyoming|columbia)[\\s,.]{1,4}([0-9OolISBZ]{5}(?:-\\d{4})?)\\b",
     0.9},
    {Category::location, "ZIP", "\\b(\\d{5})\\b", 0.2, 0.9, CueKind::zip},
    {Category::location, "field of an address",
     "\"(?:city|district|postalCode|county|line)\"\\s{0,2}:\\s{0,2}\\[?\\s{0,2}\"([^\"\\n]{1,80})"
     "\"",
     0.95},
    {Category::name, "field of a name",
     "\"(?:family|given|prefix|firstName|lastName|first_name|last_name|fullName|middleName)\"\\s{0,"
     "2}:\\s"
     "{0,2}\\[?\\s{0,2}\"([^\"\\n]{1,60})\"",
     0.95},
    {Category::name, "second given name",
     "\"given\"\\s{0,2}:\\s{0,2}\\[\\s{0,2}\"[^\"\\n]{1,60}\"\\s{0,2},\\s{0,2}\"([^\"\\n]{1,60})\"",
     0.95},
};

}  // namespace

std::span<const Rule> place_rules() { return rules; }

}  // namespace hippocrypt::privacy
