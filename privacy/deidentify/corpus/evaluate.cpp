#include "privacy/deidentify/corpus/evaluate.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::privacy {
namespace {

constexpr double z = 1.959963984540054;  // 97.5 % point of the normal distribution

/// Wilson 1927: the centre and half the width of the interval.
std::pair<double, double> wilson(const Share& share) {
  if (share.of == 0) return {0.5, 0.5};
  const auto n = static_cast<double>(share.of);
  const double p = share.value();
  const double denominator = 1 + z * z / n;
  const double centre = (p + z * z / (2 * n)) / denominator;
  const double half = z / denominator * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {centre, half};
}

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

void count(Share& share, bool counts) {
  ++share.of;
  share.count += counts ? 1U : 0U;
}

void note_miss(std::vector<Miss>* misses, std::size_t index, bool leak, const Span& span,
               const std::string& text) {
  if (misses == nullptr) return;
  const std::size_t from = span.begin > 40 ? span.begin - 40 : 0;
  misses->push_back({index, leak, span.category, text.substr(span.begin, span.size()),
                     text.substr(from, span.end + 30 - from), span.rule});
}

}  // namespace

double Share::low() const {
  const auto [centre, half] = wilson(*this);
  return std::max(0.0, centre - half);
}

double Share::high() const {
  const auto [centre, half] = wilson(*this);
  return std::min(1.0, centre + half);
}

double EvaluationReport::f2() const {
  const double precision = all.precision.value();
  const double recall = all.recall.value();
  return precision + recall > 0 ? 5 * precision * recall / (4 * precision + recall) : 0;
}

Result<EvaluationReport> evaluate(std::span<const GoldNote> notes,
                                  const std::function<void()>& on_note, std::vector<Miss>* misses) {
  EvaluationReport report;
  report.notes = notes.size();
  for (std::size_t n = 0; n < notes.size(); ++n) {
    const GoldNote& note = notes[n];
    HIPPOCRYPT_TRY(const Finding finding, find_identifiers(note.text));
    report.work += finding.work;
    // By byte: 1 + the category of what masks it.
    std::vector<std::uint8_t> masked(note.text.size(), 0);
    for (const Span& span : finding.spans) {
      std::fill(masked.begin() + static_cast<std::ptrdiff_t>(span.begin),
                masked.begin() + static_cast<std::ptrdiff_t>(span.end),
                static_cast<std::uint8_t>(1 + static_cast<int>(span.category)));
    }
    bool clean = true;
    std::vector<bool> is_gold(note.text.size(), false);
    for (const Span& gold : note.gold) {
      bool covered = true;
      bool typed = false;
      for (std::size_t i = gold.begin; i < gold.end; ++i) {
        is_gold[i] = true;
        covered = covered && (masked[i] != 0 || !is_alnum(note.text[i]));
        typed = typed || masked[i] == 1 + static_cast<int>(gold.category);
      }
      clean = clean && covered;
      CategoryScore& score = report.categories[static_cast<std::size_t>(gold.category)];
      for (CategoryScore* s : {&score, &report.all}) {
        count(s->recall, covered);
        count(s->typed, covered && typed);
      }
      if (!covered) note_miss(misses, n, true, gold, note.text);
    }
    for (const Span& span : finding.spans) {
      bool right = false;
      for (std::size_t i = span.begin; i < span.end; ++i) right = right || is_gold[i];
      count(report.categories[static_cast<std::size_t>(span.category)].precision, right);
      count(report.all.precision, right);
      if (!right) note_miss(misses, n, false, span, note.text);
    }
    for (std::size_t i = 0; i < masked.size(); ++i) {
      if (masked[i] != 0 && is_alnum(note.text[i])) count(report.characters, is_gold[i]);
    }
    count(report.clean_notes, clean);
    if (on_note) on_note();
  }
  return report;
}

}  // namespace hippocrypt::privacy
