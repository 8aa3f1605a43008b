#pragma once
// Turns a template into text. A template is plain text with
//   {name}            a fact of the patient, or else an entry drawn from the list `name`, expanded;
//   {#low:high:step}  a number from low to high, more often near the middle; the step is 1 if left
//                     out, and its decimals are printed;
//   [a|b|c]           one of the alternatives, each a template; [a|] is "a" or nothing.
// Only integers are drawn, so the same seed gives the same text on every machine.

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "notes/synth/lexicon.hpp"

namespace hippocrypt::notes {

/// What is fixed for a patient or a note: "age", "he", "diagnosis", "bp", ...
using Facts = std::map<std::string, std::string, std::less<>>;

/// Entries that were drawn already.
using UsedEntries = std::set<const std::string*>;

/// An index below `count`, where index i has the weight 1 / (i + 1).
std::size_t draw_zipf(SeededSequence& random, std::size_t count);
/// A number from low to high (inclusive) as the mean of two uniform ones, low <= high.
std::size_t draw_central(SeededSequence& random, std::size_t low, std::size_t high);

/// Expands the templates of one note. It keeps references to its arguments, which must outlive it.
class Expander {
 public:
  /// `skewed` lists are drawn Zipf-like, `shared` ones uniformly; facts come first, then the skewed
  /// lists in order, then the shared ones. Entries in `used` are drawn only if little else is left.
  Expander(SeededSequence& random, const Facts& facts, std::vector<const Lists*> skewed,
           const Lists& shared, UsedEntries used = {});
  /// The text of `text`. A template of ours that is wrong ends the process.
  std::string expand(std::string_view text) { return expand(text, 0); }
  /// An entry of list `list`, expanded, its sentences with capitals and a full stop at the end.
  std::string sentence(std::string_view list);
  const UsedEntries& used() const { return used_; }

 private:
  std::string expand(std::string_view text, int depth);
  std::string expand_slot(std::string_view slot, int depth);
  std::string expand_number(std::string_view range);
  std::string_view choose_alternative(std::string_view alternatives);
  const std::string& draw_entry(std::string_view list);

  SeededSequence& random_;
  const Facts& facts_;
  std::vector<const Lists*> skewed_;
  const Lists& shared_;
  UsedEntries used_;  // a note should not say the same thing twice
};

}  // namespace hippocrypt::notes
