#pragma once
// One text while it is searched, and what was found so far. The finders below add to it.

#include <cstddef>
#include <string_view>
#include <vector>

#include "privacy/deidentify/cues.hpp"
#include "privacy/deidentify/rule_set.hpp"
#include "privacy/deidentify/span.hpp"
#include "privacy/deidentify/tokens.hpp"

namespace hippocrypt::privacy {

struct Document {
  std::string_view text;  ///< normalised
  const Lexicon& lexicon;
  TokenizedText tokenized;
  std::vector<Cue> cues;
  std::vector<Span> found;                     ///< in offsets of `text`
  std::vector<bool> taken;                     ///< by token: inside something found
  std::vector<std::uint32_t> cue_before = {};  ///< by token: 1 + the last cue that ends before it
  WorkCount work;

  Document(std::string_view normalized, const Lexicon& words);

  const std::vector<Token>& tokens() const { return tokenized.tokens; }
  std::string_view written(const Token& token) const {
    return text.substr(token.begin, token.end - token.begin);
  }
  /// The first token that ends after `offset`.
  std::size_t token_at(std::size_t offset) const;
  void add(Span span);
  /// From the first to the last of these tokens.
  void add_tokens(std::size_t first, std::size_t last, Category category, double score,
                  std::string_view rule);
  /// Whether a cue of `kind` ends at most `reach` tokens before token `at`.
  bool has_cue_before(std::size_t at, CueKind kind, std::size_t reach) const;
};

/// Patterns with their context.
void find_by_rules(Document& document);
/// Numbers and codes after a word that says what they are.
void find_by_cues(Document& document);
/// Segments of HL7 v2 (PID, NK1, PV1 ...), by field.
void find_in_hl7(Document& document);
/// Rows under a header whose titles say what the columns hold; | or tab between them.
void find_in_tables(Document& document);
/// Cities, counties, hospitals and schools.
void find_places(Document& document);

}  // namespace hippocrypt::privacy
