#pragma once
// Invented values in the place of a patient's, the same through all notes of the patient.
//
// A surrogate is drawn from HMAC-SHA-256(key, patient, category, k) where k counts the patient's
// different values in the order in which they are met: it depends on the secret key and on k, never
// on the value, so that nothing about the value can be computed from it, by a dictionary neither.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "privacy/deidentify/category.hpp"

namespace hippocrypt::privacy {

inline constexpr std::size_t surrogate_key_bytes = 32;

/// The key of the file `path` (64 hexadecimal digits); a new one with mode 0600 where there is no
/// file. Errors: io; malformed (other content); out_of_range (others may read it).
Result<SecretBytes> read_or_create_surrogate_key(const std::string& path, RandomSource& random);

class PatientSurrogates {
 public:
  /// Most different values of a patient; later ones get what a tag would say.
  static constexpr std::size_t max_values = 65536;

  PatientSurrogates(std::shared_ptr<const SecretBytes> key, std::string patient_id);

  /// For one word of a name, written as `word` is (Smith, SMITH, smith).
  std::string name_word(std::string_view word);
  /// For any other value: the same form with other letters and digits, or a value that is reserved
  /// for examples (telephone, e-mail, URL, IP).
  std::string value(Category category, std::string_view value);
  /// The patient's offset in days: from -365 to -1.
  int date_offset_days() const;

 private:
  /// Random bytes for the k-th value, block after block.
  class Stream;
  std::uint64_t ordinal(Category category, const std::string& value);

  std::shared_ptr<const SecretBytes> key_;
  std::string patient_id_;
  std::map<std::pair<Category, std::string>, std::uint64_t> ordinals_;
};

/// `date` moved by `days`, written as it was (3/4/2021, March 4, 2021, 2021-03-04, 04-Mar-21);
/// dates without a year are taken in 2001. Empty: the form is not known. `day_first`: 3/4 is April
/// 3rd.
std::string shift_date(std::string_view date, int days, bool day_first);

}  // namespace hippocrypt::privacy
