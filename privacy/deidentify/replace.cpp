#include "privacy/deidentify/replace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// 1800 to 2099, of four digits that stand alone or begin a compact date; 0: none.
int year_in(std::string_view date) {
  for (std::size_t at = 0; at + 4 <= date.size(); ++at) {
    if (at > 0 && is_digit(date[at - 1])) continue;
    if (!std::all_of(date.begin() + static_cast<std::ptrdiff_t>(at),
                     date.begin() + static_cast<std::ptrdiff_t>(at + 4), is_digit)) {
      continue;
    }
    const std::string_view year = date.substr(at, 4);
    const bool alone = at + 4 == date.size() || !is_digit(date[at + 4]) || date.size() >= 8;
    const std::string_view century = year.substr(0, 2);
    if (alone && (century == "18" || century == "19" || century == "20")) {
      return std::stoi(std::string{year});
    }
  }
  return 0;
}

/// First three digits of a ZIP code that have fewer than 20,000 people (census of 2000, guidance of
/// HHS; later censuses change the list). They become 000.
bool is_restricted_zip3(std::string_view zip3) {
  static constexpr std::string_view restricted[] = {"036", "059", "063", "102", "203", "556",
                                                    "692", "790", "821", "823", "830", "831",
                                                    "878", "879", "884", "890", "893"};
  return std::find(std::begin(restricted), std::end(restricted), zip3) != std::end(restricted);
}

bool is_zip(const Span& span, std::string_view value) {
  return span.category == Category::location && (value.size() == 5 || value.size() == 10) &&
         std::all_of(value.begin(), value.begin() + 5, is_digit);
}

std::string tag(const Span& span, std::string_view value, int latest) {
  const std::string_view name = row_of(span.category).tag;
  if (span.category == Category::date) {
    const int year = year_in(value);
    if (year > 0 && latest - year < 90) return fmt::format("[{} {}]", name, year);
  }
  if (is_zip(span, value)) {
    const std::string_view zip3 = value.substr(0, 3);
    return fmt::format("[{} {}]", name, is_restricted_zip3(zip3) ? "000" : zip3);
  }
  if (span.category == Category::age) return fmt::format("[{} 90+]", name);
  return fmt::format("[{}]", name);
}

std::string masked(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool continuation = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (!continuation) out += is_alnum(c) ? '*' : c;
  }
  return out;
}

/// Each word of a name by itself, so that "Mr. Smith" and "John Smith" stay the same person.
std::string surrogate_name(PatientSurrogates& surrogates, std::string_view value) {
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    std::size_t end = at;
    while (end < value.size() && is_alnum(value[end])) ++end;
    const std::string_view word = value.substr(at, end - at);
    const bool possessive = word == "s" && at > 0 && value[at - 1] == '\'';
    if (!word.empty()) out += possessive ? std::string{word} : surrogates.name_word(word);
    if (end < value.size()) out += value[end];
    at = end + 1;
  }
  return out;
}

}  // namespace

int latest_year(std::string_view text, const std::vector<Span>& spans) {
  int latest = 0;
  for (const Span& span : spans) {
    if (span.category != Category::date) continue;
    latest = std::max(latest, year_in(text.substr(span.begin, span.size())));
  }
  return latest;
}

Deidentifier::Deidentifier(ReplaceOptions options) : options_{std::move(options)} {
  HIPPOCRYPT_CHECK(options_.mode != Replacement::surrogate || options_.key != nullptr);
}

Result<Deidentifier::Patient*> Deidentifier::patient(const std::string& patient_id) {
  const auto found = patients_.find(patient_id);
  if (found != patients_.end()) return &found->second;
  if (patients_.size() >= max_patients) {
    return Error{Errc::limit_exceeded,
                 fmt::format("more than {} patients; split the file by patient", max_patients)};
  }
  Patient& patient = patients_[patient_id];
  if (options_.mode == Replacement::surrogate) {
    patient.surrogates = std::make_unique<PatientSurrogates>(options_.key, patient_id);
  }
  return &patient;
}

Status Deidentifier::learn(const std::string& patient_id, std::string_view text) {
  HIPPOCRYPT_TRY(Patient * known, patient(patient_id));
  HIPPOCRYPT_TRY_VOID(find_identifiers(text, &known->names));
  return {};
}

std::string Deidentifier::replacement(Patient& patient, const Span& span, std::string_view value,
                                      int latest) const {
  if (options_.mode == Replacement::mask) return masked(value);
  if (options_.mode == Replacement::tag) return tag(span, value, latest);
  PatientSurrogates& surrogates = *patient.surrogates;
  if (span.category == Category::name) return surrogate_name(surrogates, value);
  if (span.category == Category::date) {
    const int year = year_in(value);
    if (year > 0 && latest - year >= 90) return "[DATE]";  // it would show an age over 89
    const std::string moved = shift_date(value, surrogates.date_offset_days(), options_.day_first);
    return moved.empty() ? "[DATE]" : moved;
  }
  return surrogates.value(span.category, value);
}

Result<Replaced> Deidentifier::replace(const std::string& patient_id, std::string_view text) {
  HIPPOCRYPT_TRY(Patient * known, patient(patient_id));
  Replaced replaced;
  HIPPOCRYPT_TRY(replaced.finding, find_identifiers(text, &known->names,
                                                    {.mask_residuals = options_.mask_residuals}));
  const int latest = latest_year(text, replaced.finding.spans);
  std::size_t at = 0;
  for (const Span& span : replaced.finding.spans) {
    replaced.text += text.substr(at, span.begin - at);
    replaced.text += replacement(*known, span, text.substr(span.begin, span.size()), latest);
    at = span.end;
  }
  replaced.text += text.substr(at);
  return replaced;
}

}  // namespace hippocrypt::privacy
