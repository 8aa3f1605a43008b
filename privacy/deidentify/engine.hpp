#pragma once
// Finds what identifies a patient in a text: normalise, patterns with check digits, cues, lists and
// context, names found once everywhere, overlaps, and what remains unexplained.

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "privacy/deidentify/known_names.hpp"
#include "privacy/deidentify/span.hpp"

namespace hippocrypt::privacy {

inline constexpr std::size_t max_deidentify_bytes = std::size_t{4} << 20;

/// Something that no rule explains but that may identify: a run of five or more digits, an @.
struct Residual {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Finding {
  std::vector<Span> spans;  ///< sorted, apart, in bytes of the text that was given
  std::vector<Residual> residuals;
  WorkCount work;
};

struct FindOptions {
  /// Residuals are masked too, as `other`.
  bool mask_residuals = false;
};

/// `names`: those of the patient's other texts; those of this text are added. May be null. Errors:
/// limit_exceeded (max_deidentify_bytes). Time and memory are linear in the text, whatever it is.
Result<Finding> find_identifiers(std::string_view text, KnownNames* names = nullptr,
                                 const FindOptions& options = {});

/// Sorted and apart: spans that overlap become one, with the category of the longest (then of the
/// highest score); names with only blanks between them become one. For the finders' use.
std::vector<Span> resolve_overlaps(std::vector<Span> spans, std::string_view text);

}  // namespace hippocrypt::privacy
