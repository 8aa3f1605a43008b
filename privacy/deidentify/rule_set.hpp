#pragma once
// The compiled patterns and their search.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "privacy/deidentify/rules.hpp"
#include "privacy/deidentify/span.hpp"

namespace hippocrypt::privacy {

/// What the search of one text cost, the same on every machine.
struct WorkCount {
  std::uint64_t bytes = 0;  ///< given to the rules
  std::uint64_t normalized_bytes = 0;
  std::uint64_t regex_calls = 0;
  std::uint64_t regex_bytes = 0;  ///< that automata walked over, look-ahead not counted
  std::uint64_t token_steps = 0;  ///< tokens looked at, over all passes

  WorkCount& operator+=(const WorkCount& other);
};

/// A match of a rule, before its context is known.
struct Match {
  std::size_t begin = 0;
  std::size_t end = 0;
  const Rule* rule = nullptr;
};

class RuleSet {
 public:
  /// The one of this program; compiled at the first call.
  static const RuleSet& instance();
  ~RuleSet();

  /// All matches in `text`. One automaton over the text says which rules can match at all, each of
  /// these then walks over it once. Safe to call from many threads.
  std::vector<Match> find(std::string_view text, WorkCount& work) const;
  std::size_t size() const;
  std::vector<const Rule*> rules() const;

 private:
  RuleSet();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hippocrypt::privacy
