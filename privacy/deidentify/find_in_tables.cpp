#include <algorithm>
#include <optional>
#include <string>

#include "privacy/deidentify/document.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t max_columns = 32;

struct Cell {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Cell> cells_of(std::string_view text, std::size_t begin, std::size_t end, char mark) {
  std::vector<Cell> cells;
  std::size_t at = begin;
  while (at <= end && cells.size() < max_columns) {
    const std::size_t stop = std::min(text.find(mark, at), end);
    Cell cell{at, stop};
    while (cell.begin < cell.end && text[cell.begin] == ' ') ++cell.begin;
    while (cell.end > cell.begin && text[cell.end - 1] == ' ') --cell.end;
    cells.push_back(cell);
    at = stop + 1;
  }
  return cells;
}

/// What a column with this title holds.
std::optional<Category> column_category(const Document& document, const Cell& title) {
  for (std::size_t i = document.token_at(title.begin);
       i < document.tokens().size() && document.tokens()[i].begin < title.end; ++i) {
    const Token& token = document.tokens()[i];
    if (token.word == "address" || token.word == "city" || token.word == "zip" ||
        token.word == "street") {
      return Category::location;
    }
    for (std::size_t c = document.cue_before[i];
         c < document.cues.size() && document.cues[c].first_token == i; ++c) {
      if (const auto category = category_of(document.cues[c].kind)) return category;
    }
    if (token.word == "dob" || token.word == "date") return Category::date;
    if (token.is(word_role | word_kin) && token.word != "to" && token.word != "from") {
      return Category::name;
    }
  }
  return std::nullopt;
}

bool is_value(std::string_view cell, Category category) {
  const auto has = [cell](char low, char high) {
    return std::any_of(cell.begin(), cell.end(),
                       [low, high](char c) { return c >= low && c <= high; });
  };
  if (cell.empty() || cell.size() > 80) return false;
  if (category == Category::name) return has('A', 'Z');
  if (category == Category::location) return has('A', 'Z') || has('0', '9');
  return has('0', '9');
}

class TableFinder {
 public:
  explicit TableFinder(Document& document) : document_{document} {}

  void line(std::size_t begin, std::size_t end) {
    const std::string_view text = document_.text.substr(begin, end - begin);
    document_.work.token_steps += 1 + text.size() / 8;
    const auto count = [text](char c) { return std::count(text.begin(), text.end(), c); };
    const char mark = count('|') >= 1 ? '|' : count('\t') >= 1 ? '\t' : '\0';
    if (mark == '\0') {
      columns_.clear();
      return;
    }
    if (text.find_first_not_of("|-: +=\t") == std::string_view::npos) return;  // a rule
    const auto cells = cells_of(document_.text, begin, end, mark);
    if (columns_.empty() || cells.size() != columns_.size()) {
      open(cells, count('0') + count('1') + count('2') > 0);
    } else {
      row(cells);
    }
  }

 private:
  void open(const std::vector<Cell>& cells, bool has_digits) {
    columns_.clear();
    std::size_t known = 0;
    for (const Cell& cell : cells) {
      columns_.push_back(column_category(document_, cell));
      known += columns_.back() ? 1U : 0U;
    }
    if (known < 2 || has_digits) columns_.clear();
  }

  void row(const std::vector<Cell>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string_view cell =
          document_.text.substr(cells[i].begin, cells[i].end - cells[i].begin);
      if (columns_[i] && is_value(cell, *columns_[i])) {
        document_.add({cells[i].begin, cells[i].end, *columns_[i], 0.85, "cell of a table"});
      }
    }
  }

  Document& document_;
  std::vector<std::optional<Category>> columns_;  ///< of the table under way; empty: none
};

}  // namespace

void find_in_tables(Document& document) {
  TableFinder tables{document};
  for (std::size_t at = 0; at < document.text.size();) {
    const std::size_t end = std::min(document.text.find('\n', at), document.text.size());
    tables.line(at, end);
    at = end + 1;
  }
}

}  // namespace hippocrypt::privacy
