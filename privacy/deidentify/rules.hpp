#pragma once
// The patterns: one row a form that an identifier has in text. All run in time linear in the text
// (RE2, no unbounded repetition), whatever the text is.

#include <cstdint>
#include <span>
#include <string_view>

#include "privacy/deidentify/category.hpp"
#include "privacy/deidentify/cues.hpp"

namespace hippocrypt::privacy {

using Validator = bool (*)(std::string_view);

/// A match scores `score`; `with_cue` where a cue of `cue` stands before it, and at least
/// `when_valid` where `validator` accepts it. It counts from accept_score on. A rejected check
/// digit lowers nothing: whether a candidate without one counts is what `score` says.
struct Rule {
  Category category;
  std::string_view name;
  /// Group 1, where there is one, is the identifier; otherwise the whole match.
  const char* pattern;
  double score;
  double with_cue = 0;
  CueKind cue = CueKind::none;
  double when_valid = 0;
  Validator validator = nullptr;
  /// Must accept the match, or there is no candidate at all (the calendar of dates).
  Validator form = nullptr;
};

inline constexpr double accept_score = 0.5;

std::span<const Rule> number_rules();   ///< phones, SSN, cards, licences, devices, vehicles
std::span<const Rule> date_rules();     ///< dates and ages
std::span<const Rule> network_rules();  ///< e-mail, web, IP, files, codes
std::span<const Rule> place_rules();    ///< streets, ZIP codes, JSON fields of FHIR

}  // namespace hippocrypt::privacy
