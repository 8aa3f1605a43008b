#include "privacy/deidentify/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "privacy/deidentify/name_words.hpp"
#include "privacy/deidentify/normalize.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t residual_digits = 5;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool only_blanks(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

/// A number with a unit, or a cue of measurement shortly before it.
bool is_measurement(const Document& document, std::size_t begin, std::size_t end) {
  const std::size_t at = document.token_at(begin);
  if (document.has_cue_before(at, CueKind::quantity, 3)) return true;
  const std::size_t next = document.token_at(end);
  return next < document.tokens().size() &&
         (document.tokens()[next].is(word_unit) || document.tokens()[next].is_mark('%'));
}

std::vector<Residual> residuals_of(const Document& document) {
  std::vector<Residual> residuals;
  const std::string_view text = document.text;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '@') {
      residuals.push_back({at, at + 1});
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end - at >= residual_digits && !is_measurement(document, at, end)) {
      residuals.push_back({at, end});
    }
    at = std::max(end, at + 1);
  }
  const auto explained = [&document](const Residual& residual) {
    const std::size_t token = document.token_at(residual.begin);
    return token < document.taken.size() && document.taken[token];
  };
  residuals.erase(std::remove_if(residuals.begin(), residuals.end(), explained), residuals.end());
  return residuals;
}

/// Whole characters of the original.
template <class Range>
void to_original(Range& range, const NormalizedText& normalized) {
  const auto& source = normalized.source;
  const std::uint32_t last = source[range.end - 1];
  std::size_t end = range.end;
  while (end + 1 < source.size() && source[end] == last) ++end;
  range.begin = source[range.begin];
  range.end = source[end];
}

}  // namespace

std::vector<Span> resolve_overlaps(std::vector<Span> spans, std::string_view text) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Span> apart;
  std::size_t longest = 0;  // of the span that gave the last one's category
  for (const Span& span : spans) {
    if (apart.empty() || span.begin >= apart.back().end) {
      const bool joins = !apart.empty() && span.category == Category::name &&
                         apart.back().category == Category::name &&
                         only_blanks(text.substr(apart.back().end, span.begin - apart.back().end));
      if (!joins) {
        apart.push_back(span);
        longest = span.size();
        continue;
      }
    }
    Span& last = apart.back();
    if (span.size() > longest || (span.size() == longest && span.score > last.score)) {
      longest = span.size();
      last.category = span.category;
      last.score = span.score;
      last.rule = span.rule;
    }
    last.end = std::max(last.end, span.end);
  }
  return apart;
}

Result<Finding> find_identifiers(std::string_view text, KnownNames* names,
                                 const FindOptions& options) {
  if (text.size() > max_deidentify_bytes) {
    return Error{Errc::limit_exceeded,
                 fmt::format("a text of {} bytes; at most {} are searched at once, split it",
                             text.size(), max_deidentify_bytes)};
  }
  const NormalizedText normalized = normalize(text);
  Document document{normalized.text, Lexicon::instance()};
  document.work.bytes = text.size();
  find_in_hl7(document);
  find_in_tables(document);
  find_by_rules(document);
  find_by_cues(document);
  find_places(document);
  find_cued_names(document);
  find_bare_names(document);
  KnownNames own;
  KnownNames& known = names != nullptr ? *names : own;
  known.learn(document);
  known.find(document);
  Finding finding;
  finding.residuals = residuals_of(document);
  if (options.mask_residuals) {
    for (const Residual& residual : finding.residuals) {
      document.add({residual.begin, residual.end, Category::other, accept_score, "unexplained"});
    }
  }
  finding.spans = resolve_overlaps(std::move(document.found), normalized.text);
  for (Span& span : finding.spans) to_original(span, normalized);
  for (Residual& residual : finding.residuals) to_original(residual, normalized);
  finding.work = document.work;
  return finding;
}

}  // namespace hippocrypt::privacy
