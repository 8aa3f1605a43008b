#pragma once
// The merges of a byte-pair encoding and their application to one word.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hippocrypt::model {

using TokenId = std::uint32_t;

/// Two adjacent tokens that become one.
using TokenPair = std::pair<TokenId, TokenId>;

/// Pairs with their rank (lower is merged first) and result.
class MergeTable {
 public:
  /// Makes room for `count` pairs, 16 to 43 bytes each.
  explicit MergeTable(std::size_t count = 0);
  /// False when the pair is there already. There must be room.
  bool add(TokenPair pair, std::uint32_t rank, TokenId result);

  /// Replaces symbols by merged ones until no pair of the table is adjacent: always the pair of
  /// lowest rank, the leftmost of several. Time: linear in the length times the number of merges
  /// for short words, length times its logarithm for long ones. Thread-safe.
  void apply(std::vector<TokenId>& symbols) const;

 private:
  static constexpr std::uint32_t no_rank = UINT32_MAX;
  /// A slot of the table; rank no_rank: empty.
  struct Entry {
    TokenId left = 0, right = 0;
    std::uint32_t rank = no_rank;
    TokenId result = 0;
  };
  std::size_t slot_of(TokenId left, TokenId right) const;
  const Entry* find(TokenId left, TokenId right) const;
  void apply_to_short(std::vector<TokenId>& symbols) const;
  void apply_to_long(std::vector<TokenId>& symbols) const;

  std::vector<Entry> entries_;  ///< open addressing, linear probing; a power of two
  std::size_t count_ = 0;
};

}  // namespace hippocrypt::model
