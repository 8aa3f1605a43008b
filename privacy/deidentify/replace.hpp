#pragma once
// Text with its identifiers replaced, patient by patient.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "privacy/deidentify/engine.hpp"
#include "privacy/deidentify/surrogates.hpp"

namespace hippocrypt::privacy {

enum class Replacement : std::uint8_t {
  tag,        ///< [NAME], [DATE 2021], [LOCATION 441]
  surrogate,  ///< invented values, dates moved by the patient's offset
  mask,       ///< * for every letter and digit
};

struct ReplaceOptions {
  Replacement mode = Replacement::tag;
  bool day_first = false;
  bool mask_residuals = false;
  /// Needed for surrogates.
  std::shared_ptr<const SecretBytes> key = {};
};

/// The years that date spans of `text` name; a year that shows an age over 89 does not stay.
int latest_year(std::string_view text, const std::vector<Span>& spans);

struct Replaced {
  std::string text;
  Finding finding;
};

/// Keeps what is known of every patient: names, surrogates. Not safe to share between threads.
class Deidentifier {
 public:
  static constexpr std::size_t max_patients = 200000;

  explicit Deidentifier(ReplaceOptions options);
  /// Learns the names in `text` without replacing anything: done for all notes of a patient first,
  /// a name that only the last one reveals is masked in the first, too. Errors: limit_exceeded.
  Status learn(const std::string& patient_id, std::string_view text);
  /// Errors: limit_exceeded (max_deidentify_bytes, max_patients).
  Result<Replaced> replace(const std::string& patient_id, std::string_view text);

 private:
  struct Patient {
    KnownNames names;
    std::unique_ptr<PatientSurrogates> surrogates;
  };
  Result<Patient*> patient(const std::string& patient_id);
  std::string replacement(Patient& patient, const Span& span, std::string_view value,
                          int latest) const;

  ReplaceOptions options_;
  std::map<std::string, Patient> patients_;
};

}  // namespace hippocrypt::privacy
