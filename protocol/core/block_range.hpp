#pragma once
// Which blocks of a model a blind server holds.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace hippocrypt::protocol {

/// Both ends included; by default all blocks. Whoever holds block 0 holds the output head too, if
/// the model offers it: its products are addressed to block 0.
struct BlockRange {
  std::uint32_t first = 0;
  std::uint32_t last = std::numeric_limits<std::uint32_t>::max();

  bool holds(std::uint32_t block) const { return first <= block && block <= last; }
  /// What there is of it in a model of so many blocks, at least one.
  BlockRange within(std::size_t blocks) const {
    return {first, std::min(last, static_cast<std::uint32_t>(blocks - 1))};
  }
  std::size_t count() const { return first <= last ? std::size_t{last} - first + 1 : 0; }
  friend bool operator==(const BlockRange&, const BlockRange&) = default;
};

/// "block 3", "blocks 0 to 15", "all blocks", "all blocks from 3".
inline std::string describe(const BlockRange& range) {
  if (range == BlockRange{}) return "all blocks";
  if (range.last == BlockRange{}.last) return "all blocks from " + std::to_string(range.first);
  if (range.first == range.last) return "block " + std::to_string(range.first);
  return "blocks " + std::to_string(range.first) + " to " + std::to_string(range.last);
}

}  // namespace hippocrypt::protocol
