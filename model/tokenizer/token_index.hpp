#pragma once
// Finds the id of a token by its bytes, in a quarter of the memory of a map of strings.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer/merge_table.hpp"

namespace hippocrypt::model {

/// A 64-bit mix of the bytes, for tables in memory; the same in one run of the program only.
std::uint64_t hash_bytes(std::string_view bytes);

/// Ids of an array of tokens, which every call must be given again, unchanged.
class TokenIndex {
 public:
  /// Makes room for `count` tokens, 4 to 11 bytes each.
  explicit TokenIndex(std::size_t count = 0);

  /// The id that has the same bytes already, or nothing when `id` was put in. There must be room.
  std::optional<TokenId> add(std::span<const std::string> tokens, TokenId id);
  std::optional<TokenId> find(std::span<const std::string> tokens, std::string_view bytes) const;

 private:
  static constexpr TokenId empty = UINT32_MAX;
  /// The slot that holds `bytes`, or the empty one where they belong.
  std::size_t slot_of(std::span<const std::string> tokens, std::string_view bytes) const;

  std::vector<TokenId> slots_;  ///< open addressing, linear probing; a power of two
  std::size_t count_ = 0;
};

}  // namespace hippocrypt::model
