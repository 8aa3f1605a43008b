#include "privacy/deidentify/category.hpp"

namespace hippocrypt::privacy {

const std::array<CategoryRow, category_count>& category_table() {
  using enum Category;
  static constexpr std::array<CategoryRow, category_count> table{{
      {name, 'A', "name", "NAME", "names of patients, relatives, employers and staff"},
      {location, 'B', "location", "LOCATION", "geography smaller than a state, ZIP codes"},
      {date, 'C', "date", "DATE", "elements of dates except the year"},
      {age, 'C', "age", "AGE", "ages over 89"},
      {phone, 'D', "phone", "PHONE", "telephone and pager numbers"},
      {fax, 'E', "fax", "FAX", "fax numbers"},
      {email, 'F', "email", "EMAIL", "e-mail addresses"},
      {ssn, 'G', "ssn", "SSN", "social security and taxpayer numbers"},
      {mrn, 'H', "mrn", "MRN", "medical record numbers"},
      {health_plan, 'I', "health_plan", "HEALTHPLAN", "health plan beneficiary numbers"},
      {account, 'J', "account", "ACCOUNT", "account, encounter, card and bank numbers"},
      {license, 'K', "license", "LICENSE", "certificate, licence, NPI and DEA numbers"},
      {vehicle, 'L', "vehicle", "VEHICLE", "vehicle identifiers and plates"},
      {device, 'M', "device", "DEVICE", "device identifiers and serial numbers"},
      {url, 'N', "url", "URL", "web addresses"},
      {ip, 'O', "ip", "IP", "IP addresses"},
      {biometric, 'P', "biometric", "BIOMETRIC", "references to biometric identifiers"},
      {photo, 'Q', "photo", "PHOTO", "references to photographs and images"},
      {other, 'R', "other", "ID", "other unique numbers and codes"},
  }};
  return table;
}

const CategoryRow& row_of(Category category) {
  return category_table()[static_cast<std::size_t>(category)];
}

std::optional<Category> category_of(std::string_view name) {
  for (const CategoryRow& row : category_table()) {
    if (row.name == name) return row.category;
  }
  return std::nullopt;
}

}  // namespace hippocrypt::privacy
