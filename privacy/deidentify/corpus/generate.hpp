#pragma once
// Notes with known identifiers, made from templates: the same for the same seed.

#include <cstdint>
#include <string>
#include <vector>

#include "privacy/deidentify/corpus/templates.hpp"
#include "privacy/deidentify/span.hpp"

namespace hippocrypt::privacy {

enum class PhiNoise : std::uint8_t { none, capitals, wrapped, misread };

struct GoldNote {
  std::string text;
  std::vector<Span> gold;  ///< sorted, apart
  PhiNoise noise = PhiNoise::none;
  bool adversarial = false;
  std::size_t template_index = 0;
};

struct GenerateOptions {
  std::uint64_t seed = 1;
  std::size_t notes = 1000;
};

/// Templates in turn, one in five of them adversarial. Half of the notes are left as they are; the
/// others are set in capitals, wrapped at about 60 columns, or misread (1.5 % of the letters and
/// digits that an OCR confuses). Messages (HL7, FHIR) stay as they are. Errors: malformed, naming a
/// slot that cannot be filled.
Result<std::vector<GoldNote>> generate_phi(const PhiTemplates& templates,
                                           const GenerateOptions& options);

}  // namespace hippocrypt::privacy
