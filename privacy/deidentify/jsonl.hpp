#pragma once
// One line of a JSON Lines file of notes: the fields that hold text are de-identified, all others
// stay as they are (and may hold identifiers).

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "privacy/deidentify/replace.hpp"

namespace hippocrypt::privacy {

inline constexpr std::size_t max_deidentify_line_bytes = std::size_t{4} << 20;
inline constexpr std::size_t max_json_depth = 64;

struct LineResult {
  std::string line;    ///< without a line break
  std::string report;  ///< a JSON object: spans and residuals by field, without any of the text
  std::array<std::uint64_t, category_count> counts{};
  std::uint64_t residuals = 0;
  WorkCount work;
};

/// Replaces in "text", "prompt", "completion" and the "content" of "messages". The patient is
/// "patient_id" (missing: a patient without name, who is the same for all such lines). `number`
/// stands in the report. Errors: malformed (no JSON object, nested deeper than max_json_depth, no
/// such field, a field of another type), limit_exceeded.
Result<LineResult> deidentify_line(std::string_view line, std::uint64_t number,
                                   Deidentifier& deidentifier);
/// The names of the line are learned. Errors: the same.
Status learn_line(std::string_view line, Deidentifier& deidentifier);

}  // namespace hippocrypt::privacy
