#pragma once
// Aligned columns for a terminal.

#include <string>
#include <string_view>
#include <vector>

namespace hippocrypt::cli {

enum class Align { left, right };

class TextTable {
 public:
  struct Column {
    std::string header;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns) : columns_{std::move(columns)} {}

  /// As many cells as columns.
  void add_row(std::vector<std::string> cells);
  /// Header, a rule, one line a row; two spaces between columns and no trailing blanks.
  std::string str() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// How many columns `text` (UTF-8) takes in a terminal, with every character one column wide.
std::size_t display_width(std::string_view text);

}  // namespace hippocrypt::cli
