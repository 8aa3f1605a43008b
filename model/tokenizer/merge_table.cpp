#include "model/tokenizer/merge_table.hpp"

#include <array>
#include <bit>
#include <queue>

#include "base/check.hpp"

namespace hippocrypt::model {
namespace {

/// Up to here, scanning an array for the best pair is faster than keeping a heap.
constexpr std::size_t short_word = 32;

}  // namespace

MergeTable::MergeTable(std::size_t count) : entries_(std::bit_ceil(count + count / 3 + 2)) {}

std::size_t MergeTable::slot_of(TokenId left, TokenId right) const {
  // Fibonacci hashing: the high bits of the product depend on all bits of both ids.
  const std::uint64_t key = (std::uint64_t{left} << 32) | right;
  const std::uint64_t mixed = (key ^ (key >> 29)) * 0x9E3779B97F4A7C15u;
  return static_cast<std::size_t>(mixed >> 32) & (entries_.size() - 1);
}

bool MergeTable::add(TokenPair pair, std::uint32_t rank, TokenId result) {
  HIPPOCRYPT_CHECK(count_ + 1 < entries_.size() && rank != no_rank);
  std::size_t slot = slot_of(pair.first, pair.second);
  while (entries_[slot].rank != no_rank) {
    if (entries_[slot].left == pair.first && entries_[slot].right == pair.second) return false;
    slot = (slot + 1) & (entries_.size() - 1);
  }
  entries_[slot] = {pair.first, pair.second, rank, result};
  ++count_;
  return true;
}

const MergeTable::Entry* MergeTable::find(TokenId left, TokenId right) const {
  std::size_t slot = slot_of(left, right);
  while (entries_[slot].rank != no_rank) {
    const Entry& entry = entries_[slot];
    if (entry.left == left && entry.right == right) return &entry;
    slot = (slot + 1) & (entries_.size() - 1);
  }
  return nullptr;
}

void MergeTable::apply(std::vector<TokenId>& symbols) const {
  if (symbols.size() < 2) return;
  if (symbols.size() <= short_word) {
    apply_to_short(symbols);
  } else {
    apply_to_long(symbols);
  }
}

void MergeTable::apply_to_short(std::vector<TokenId>& symbols) const {
  // Of (symbols[i], symbols[i + 1]).
  struct Merge {
    std::uint32_t rank;
    TokenId result;
  };
  std::array<Merge, short_word> pairs;  // NOLINT: every element is written before it is read
  std::size_t count = symbols.size();
  const auto look_up = [&](std::size_t i) {
    const Entry* entry = find(symbols[i], symbols[i + 1]);
    pairs[i] = entry == nullptr ? Merge{no_rank, 0} : Merge{entry->rank, entry->result};
  };
  for (std::size_t i = 0; i + 1 < count; ++i) look_up(i);
  while (count > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < count; ++i) {
      if (pairs[i].rank < pairs[best].rank) best = i;
    }
    if (pairs[best].rank == no_rank) break;
    symbols[best] = pairs[best].result;
    for (std::size_t i = best + 1; i + 1 < count; ++i) {
      symbols[i] = symbols[i + 1];
      pairs[i] = pairs[i + 1];
    }
    --count;
    if (best > 0) look_up(best - 1);
    if (best + 1 < count) look_up(best);
  }
  symbols.resize(count);
}

void MergeTable::apply_to_long(std::vector<TokenId>& symbols) const {
  constexpr std::uint32_t none = UINT32_MAX;
  struct Candidate {
    std::uint32_t rank, at;
    TokenId left, right;
    // The queue gives the greatest first, so "less" means merged later.
    bool operator<(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : at > other.at;
    }
  };
  // A linked list over the array; a symbol merged into its left neighbour is no longer alive.
  HIPPOCRYPT_CHECK(symbols.size() < none);
  const auto count = static_cast<std::uint32_t>(symbols.size());
  std::vector<std::uint32_t> next(count), previous(count);
  std::vector<bool> alive(count, true);
  for (std::uint32_t i = 0; i < count; ++i) {
    next[i] = i + 1 < count ? i + 1 : none;
    previous[i] = i > 0 ? i - 1 : none;
  }
  std::priority_queue<Candidate> queue;
  const auto push = [&](std::uint32_t at) {
    if (at == none || next[at] == none) return;
    const TokenId left = symbols[at], right = symbols[next[at]];
    if (const Entry* entry = find(left, right)) queue.push({entry->rank, at, left, right});
  };
  for (std::uint32_t i = 0; i + 1 < count; ++i) push(i);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    // A merge nearby may have changed the pair since it was queued; then it is stale.
    if (!alive[best.at] || next[best.at] == none || symbols[best.at] != best.left ||
        symbols[next[best.at]] != best.right) {
      continue;
    }
    const std::uint32_t gone = next[best.at];
    symbols[best.at] = find(best.left, best.right)->result;
    alive[gone] = false;
    next[best.at] = next[gone];
    if (next[gone] != none) previous[next[gone]] = best.at;
    push(previous[best.at]);
    push(best.at);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (alive[i]) symbols[kept++] = symbols[i];
  }
  symbols.resize(kept);
}

}  // namespace hippocrypt::model
