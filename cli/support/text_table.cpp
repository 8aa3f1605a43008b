#include "cli/support/text_table.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace hippocrypt::cli {
namespace {

std::string padded(const std::string& cell, std::size_t width, Align align) {
  const std::string blanks(width - display_width(cell), ' ');
  return align == Align::left ? cell + blanks : blanks + cell;
}

void append_line(std::string& text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  text.append(line).push_back('\n');
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // not a continuation byte
  }));
}

void TextTable::add_row(std::vector<std::string> cells) {
  HIPPOCRYPT_CHECK(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::str() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = display_width(columns_[c].header);
    for (const auto& row : rows_) width = std::max(width, display_width(row[c]));
    widths.push_back(width);
  }
  std::string text;
  std::string header;
  std::string rule;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const char* gap = c == 0 ? "" : "  ";
    header.append(gap).append(padded(columns_[c].header, widths[c], columns_[c].align));
    rule.append(gap).append(widths[c], '-');
  }
  append_line(text, header);
  append_line(text, rule);
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      line.append(c == 0 ? "" : "  ").append(padded(row[c], widths[c], columns_[c].align));
    append_line(text, line);
  }
  return text;
}

}  // namespace hippocrypt::cli
