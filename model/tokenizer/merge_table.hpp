#pragma once
// The merges of a byte-pair encoding and their application to one word.

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hippocrypt::model {

using TokenId = std::uint32_t;

/// Two adjacent tokens that become one.
using TokenPair = std::pair<TokenId, TokenId>;

/// Pairs with their rank (lower is merged first) and result.
class MergeTable {
 public:
  void reserve(std::size_t count) { entries_.reserve(count); }
  /// False when the pair is there already.
  bool add(TokenPair pair, std::uint32_t rank, TokenId result);

  /// Replaces symbols by merged ones until no pair of the table is adjacent: always the pair of
  /// lowest rank, the leftmost of several. Time: linear in the length times the number of merges
  /// for short words, length times its logarithm for long ones. Thread-safe.
  void apply(std::vector<TokenId>& symbols) const;

 private:
  struct Entry {
    std::uint32_t rank;
    TokenId result;
  };
  const Entry* find(TokenId left, TokenId right) const;
  void apply_to_short(std::vector<TokenId>& symbols) const;
  void apply_to_long(std::vector<TokenId>& symbols) const;

  std::unordered_map<std::uint64_t, Entry> entries_;
};

}  // namespace hippocrypt::model
