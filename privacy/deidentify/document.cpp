#include "privacy/deidentify/document.hpp"

#include <algorithm>

namespace hippocrypt::privacy {

Document::Document(std::string_view normalized, const Lexicon& words)
    : text{normalized},
      lexicon{words},
      tokenized{tokenize(normalized, words)},
      cues{find_cues(tokenized.tokens)} {
  taken.resize(tokens().size());
  cue_before.resize(tokens().size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < tokens().size(); ++i) {
    while (next < cues.size() && cues[next].last_token < i) ++next;
    cue_before[i] = static_cast<std::uint32_t>(next);
  }
  work.normalized_bytes = text.size();
  work.token_steps = 3 * tokens().size();
}

std::size_t Document::token_at(std::size_t offset) const {
  const auto& all = tokens();
  return static_cast<std::size_t>(
      std::partition_point(all.begin(), all.end(),
                           [offset](const Token& token) { return token.end <= offset; }) -
      all.begin());
}

void Document::add(Span span) {
  // A part of a word or number is never masked alone.
  const std::size_t first = token_at(span.begin);
  if (first < tokens().size() && tokens()[first].kind != TokenKind::mark) {
    span.begin = std::min<std::size_t>(span.begin, tokens()[first].begin);
  }
  const std::size_t last = token_at(span.end - 1);
  if (last < tokens().size() && tokens()[last].kind != TokenKind::mark &&
      tokens()[last].begin < span.end) {
    span.end = std::max<std::size_t>(span.end, tokens()[last].end);
  }
  for (std::size_t i = token_at(span.begin); i < tokens().size() && tokens()[i].begin < span.end;
       ++i) {
    taken[i] = true;
    ++work.token_steps;
  }
  found.push_back(span);
}

void Document::add_tokens(std::size_t first, std::size_t last, Category category, double score,
                          std::string_view rule) {
  add({tokens()[first].begin, tokens()[last].end, category, score, rule});
}

bool Document::has_cue_before(std::size_t at, CueKind kind, std::size_t reach) const {
  if (at >= cue_before.size()) return false;
  // Cues do not overlap, so that at most `reach` of them are looked at.
  for (std::size_t i = cue_before[at]; i > 0; --i) {
    const Cue& cue = cues[i - 1];
    if (cue.last_token + reach < at) return false;
    if (cue.kind == kind) return true;
  }
  return false;
}

}  // namespace hippocrypt::privacy
