#pragma once
// Words that say what the number after them is.

#include <cstdint>
#include <optional>
#include <vector>

#include "privacy/deidentify/category.hpp"
#include "privacy/deidentify/tokens.hpp"

namespace hippocrypt::privacy {

enum class CueKind : std::uint8_t {
  none,
  phone,
  fax,
  ssn,
  mrn,
  health_plan,
  account,
  license,
  vehicle,
  device,
  biometric,
  photo,
  other,
  date,  ///< on, since, dated: a date may follow
  zip,
  no_date,   ///< strength, pain: m/n after it is no date
  quantity,  ///< sodium, platelets, weight: the number is a measurement
};

/// What a cue of the kind makes of an unknown number.
std::optional<Category> category_of(CueKind kind);

struct Cue {
  CueKind kind = CueKind::none;
  std::uint32_t first_token = 0;
  std::uint32_t last_token = 0;
};

/// All cues of the text, by position; at each the longest phrase. Time linear in the tokens.
std::vector<Cue> find_cues(const std::vector<Token>& tokens);

}  // namespace hippocrypt::privacy
