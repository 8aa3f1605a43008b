#include "model/tokenizer/merge_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <queue>

namespace hippocrypt::model {
namespace {

constexpr std::uint32_t no_rank = std::numeric_limits<std::uint32_t>::max();
/// Up to here, scanning an array for the best pair is faster than keeping a heap.
constexpr std::size_t short_word = 32;

std::uint64_t key(TokenId left, TokenId right) {
  return (static_cast<std::uint64_t>(left) << 32) | right;
}

}  // namespace

bool MergeTable::add(TokenPair pair, std::uint32_t rank, TokenId result) {
  return entries_.emplace(key(pair.first, pair.second), Entry{rank, result}).second;
}

const MergeTable::Entry* MergeTable::find(TokenId left, TokenId right) const {
  const auto found = entries_.find(key(left, right));
  return found == entries_.end() ? nullptr : &found->second;
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
  // pairs[i] is the entry of (symbols[i], symbols[i + 1]).
  std::array<Entry, short_word> pairs{};
  std::size_t count = symbols.size();
  const auto look_up = [&](std::size_t i) {
    const Entry* entry = find(symbols[i], symbols[i + 1]);
    pairs[i] = entry == nullptr ? Entry{no_rank, 0} : *entry;
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
  constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  struct Candidate {
    std::uint32_t rank;
    std::size_t at;
    TokenId left, right;
    // The queue gives the greatest first, so "less" means merged later.
    bool operator<(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : at > other.at;
    }
  };
  // A linked list over the array; a symbol merged into its left neighbour is no longer alive.
  const std::size_t count = symbols.size();
  std::vector<std::size_t> next(count), previous(count);
  std::vector<bool> alive(count, true);
  for (std::size_t i = 0; i < count; ++i) {
    next[i] = i + 1 < count ? i + 1 : none;
    previous[i] = i > 0 ? i - 1 : none;
  }
  std::priority_queue<Candidate> queue;
  const auto push = [&](std::size_t at) {
    if (at == none || next[at] == none) return;
    const TokenId left = symbols[at], right = symbols[next[at]];
    if (const Entry* entry = find(left, right)) queue.push({entry->rank, at, left, right});
  };
  for (std::size_t i = 0; i + 1 < count; ++i) push(i);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    // A merge nearby may have changed the pair since it was queued; then it is stale.
    if (!alive[best.at] || next[best.at] == none || symbols[best.at] != best.left ||
        symbols[next[best.at]] != best.right) {
      continue;
    }
    const std::size_t gone = next[best.at];
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
