#pragma once
// The identifiers of HIPAA's Safe Harbor method, 45 CFR 164.514(b)(2)(i), one enumerator a letter;
// ages over 89, which the rule lists with the dates (C), have their own.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hippocrypt::privacy {

enum class Category : std::uint8_t {
  name,
  location,
  date,
  age,
  phone,
  fax,
  email,
  ssn,
  mrn,
  health_plan,
  account,
  license,
  vehicle,
  device,
  url,
  ip,
  biometric,
  photo,
  other,
};
inline constexpr std::size_t category_count = 19;

struct CategoryRow {
  Category category;
  char letter;  ///< in the rule
  std::string_view name;
  std::string_view tag;  ///< what replaces it
  std::string_view what;
};

/// In the order of the enumerators.
const std::array<CategoryRow, category_count>& category_table();
const CategoryRow& row_of(Category category);
inline std::string_view to_string(Category category) { return row_of(category).name; }
/// Nothing: no category is called so.
std::optional<Category> category_of(std::string_view name);

}  // namespace hippocrypt::privacy
