#include <algorithm>
#include <array>
#include <string>

#include "privacy/deidentify/document.hpp"

namespace hippocrypt::privacy {
namespace {

enum class FieldKind { whole, components, doctor, address };

struct Field {
  std::string_view segment;
  std::size_t number;
  Category category;
  FieldKind kind;  ///< doctor: the first component is an id, names follow
};

// HL7 v2.5, chapters 3 and 6.
constexpr Field fields[] = {
    {"PID", 2, Category::mrn, FieldKind::components},
    {"PID", 3, Category::mrn, FieldKind::components},
    {"PID", 4, Category::mrn, FieldKind::components},
    {"PID", 5, Category::name, FieldKind::whole},
    {"PID", 6, Category::name, FieldKind::whole},
    {"PID", 7, Category::date, FieldKind::whole},
    {"PID", 9, Category::name, FieldKind::whole},
    {"PID", 11, Category::location, FieldKind::address},
    {"PID", 12, Category::location, FieldKind::whole},
    {"PID", 13, Category::phone, FieldKind::whole},
    {"PID", 14, Category::phone, FieldKind::whole},
    {"PID", 18, Category::account, FieldKind::components},
    {"PID", 19, Category::ssn, FieldKind::whole},
    {"PID", 20, Category::license, FieldKind::whole},
    {"PID", 21, Category::mrn, FieldKind::components},
    {"NK1", 2, Category::name, FieldKind::whole},
    {"NK1", 4, Category::location, FieldKind::address},
    {"NK1", 5, Category::phone, FieldKind::whole},
    {"NK1", 6, Category::phone, FieldKind::whole},
    {"GT1", 3, Category::name, FieldKind::whole},
    {"GT1", 5, Category::location, FieldKind::address},
    {"GT1", 6, Category::phone, FieldKind::whole},
    {"GT1", 12, Category::ssn, FieldKind::whole},
    {"IN1", 16, Category::name, FieldKind::whole},
    {"IN1", 18, Category::date, FieldKind::whole},
    {"IN1", 19, Category::location, FieldKind::address},
    {"IN1", 36, Category::health_plan, FieldKind::whole},
    {"IN1", 49, Category::health_plan, FieldKind::whole},
    {"PV1", 7, Category::name, FieldKind::doctor},
    {"PV1", 8, Category::name, FieldKind::doctor},
    {"PV1", 9, Category::name, FieldKind::doctor},
    {"PV1", 17, Category::name, FieldKind::doctor},
    {"PV1", 19, Category::account, FieldKind::components},
    {"OBR", 2, Category::other, FieldKind::components},
    {"OBR", 3, Category::other, FieldKind::components},
    {"OBR", 16, Category::name, FieldKind::doctor},
    {"ORC", 2, Category::other, FieldKind::components},
    {"ORC", 3, Category::other, FieldKind::components},
    {"ORC", 12, Category::name, FieldKind::doctor},
};

bool is_segment_start(std::string_view text, std::size_t at) {
  if (at + 4 > text.size() || text[at + 3] != '|') return false;
  for (std::size_t i = at; i < at + 3; ++i) {
    if (!((text[i] >= 'A' && text[i] <= 'Z') || (i > at && text[i] >= '0' && text[i] <= '9'))) {
      return false;
    }
  }
  return at == 0 || text[at - 1] == '\n' || text[at - 1] == ' ';
}

bool has_segment(std::string_view name) {
  return std::any_of(std::begin(fields), std::end(fields),
                     [name](const Field& field) { return field.segment == name; });
}

/// Adds [begin, end) without blanks around it, unless nothing is left.
void add_trimmed(Document& document, std::size_t begin, std::size_t end, Category category) {
  const auto is_blank = [&](std::size_t at) {
    return document.text[at] == ' ' || document.text[at] == '\n' || document.text[at] == '"';
  };
  while (begin < end && is_blank(begin)) ++begin;
  while (end > begin && is_blank(end - 1)) --end;
  if (end > begin) document.add({begin, end, category, 0.95, "field of HL7"});
}

void take_field(Document& document, const Field& field, std::size_t begin, std::size_t end) {
  std::size_t number = 0;
  for (std::size_t at = begin; at <= end; ++number) {
    const std::size_t stop = std::min(document.text.find('^', at), end);
    const bool wanted = field.kind == FieldKind::components ? number == 0
                        : field.kind == FieldKind::doctor   ? number >= 1 && number <= 3
                        // The state and the country may stay.
                        : field.kind == FieldKind::address ? number != 3 && number != 5
                                                           : number <= 3;
    if (wanted && stop > at) add_trimmed(document, at, stop, field.category);
    at = stop + 1;
  }
}

/// The segment's fields; gives the offset behind it.
std::size_t take_segment(Document& document, std::size_t begin) {
  const std::string_view text = document.text;
  const std::string_view name = text.substr(begin, 3);
  std::size_t field = 0;
  std::size_t at = begin;
  while (at < text.size()) {
    std::size_t end = at;
    bool last = false;
    // A line that was wrapped goes on; a new segment or an empty line ends it.
    for (; end < text.size() && text[end] != '|'; ++end) {
      if (text[end] == '\n' &&
          (end + 1 >= text.size() || text[end + 1] == '\n' || is_segment_start(text, end + 1))) {
        last = true;
        break;
      }
    }
    for (const Field& row : fields) {
      if (row.segment == name && row.number == field) take_field(document, row, at, end);
    }
    ++field;
    at = end + 1;
    if (last || field > 60) break;
  }
  return at;
}

}  // namespace

void find_in_hl7(Document& document) {
  std::size_t at = 0;
  while (true) {
    const std::size_t bar = document.text.find('|', at);
    if (bar == std::string_view::npos) return;
    ++document.work.token_steps;
    at = bar + 1;
    if (bar < 3 || !is_segment_start(document.text, bar - 3) ||
        !has_segment(document.text.substr(bar - 3, 3))) {
      continue;
    }
    at = std::max(at, take_segment(document, bar - 3));
  }
}

}  // namespace hippocrypt::privacy
