#pragma once
// Reads the reference tables (CSV with a header line) that lie beside the repository.

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hippocrypt::privacy {

using GoldenRow = std::map<std::string, std::string>;

inline std::vector<std::string> split_csv(const std::string& line, char separator) {
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == separator && !is_quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back().push_back(c);
    }
  }
  return fields;
}

/// The rows of ../shared/golden/`name`, none where the file is missing.
inline std::vector<GoldenRow> read_golden(const std::string& name) {
  std::ifstream file{std::string{HIPPOCRYPT_SOURCE_DIR} + "/../shared/golden/" + name};
  std::vector<GoldenRow> rows;
  std::string line;
  if (!std::getline(file, line)) return rows;
  const std::vector<std::string> header = split_csv(line, ',');
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = split_csv(line, ',');
    GoldenRow row;
    for (std::size_t i = 0; i < header.size() && i < fields.size(); ++i) row[header[i]] = fields[i];
    rows.push_back(row);
  }
  return rows;
}

inline double number(const GoldenRow& row, const std::string& column) {
  return std::strtod(row.at(column).c_str(), nullptr);
}

inline bool is_continuous_integration() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string{ci} == "true";
}

}  // namespace hippocrypt::privacy

/// Skips a test whose reference table is missing; in continuous integration that is a failure.
#define HIPPOCRYPT_NEEDS_GOLDEN(rows)                                                       \
  do {                                                                                      \
    if ((rows).empty()) {                                                                   \
      ASSERT_FALSE(::hippocrypt::privacy::is_continuous_integration()) << "no golden file"; \
      GTEST_SKIP() << "the golden files are not beside this repository";                    \
    }                                                                                       \
  } while (false)
