#pragma once
// The secret of a ledger home, under which patients are known in it: whoever reads the registry
// alone learns neither their ids nor whether a given id is among them.

#include <filesystem>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::privacy {

class PatientKey {
 public:
  /// The key in the file `path`, made and synced there (for its owner only) if there is none yet.
  /// Errors: io, malformed (no such key), unsupported (another version).
  static Result<PatientKey> load_or_create(const std::filesystem::path& path);

  /// HMAC-SHA256 of the hospital's name and the patient's id. Ids are often plain numbers, so two
  /// hospitals may both have a patient 17: these are two people.
  Hash256 tag(std::string_view hospital, std::string_view patient) const;
  /// Shows which key it is and nothing else of it.
  Hash256 check_value() const;

 private:
  explicit PatientKey(SecretBytes bytes) : bytes_{std::move(bytes)} {}
  SecretBytes bytes_;
};

}  // namespace hippocrypt::privacy
