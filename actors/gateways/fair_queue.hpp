#pragma once
// What waits, by who sent it: one of each in turn, so that nobody's many requests hold up
// another's few.

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace hippocrypt::actors {

/// Peers are few: every call looks at all of them at most. Not thread-safe.
template <class Peer, class Item>
class FairQueue {
 public:
  /// Behind what this peer has waiting.
  void push(const Peer& peer, Item item) {
    auto found = find(peer);
    // A peer that had nothing waiting is the last in the round.
    if (found == round_.end()) found = round_.insert(round_.end(), {peer, {}});
    found->second.push_back(std::move(item));
    ++size_;
  }
  /// The oldest of the peer whose turn it is, who is then the last in the round.
  std::optional<std::pair<Peer, Item>> pop() {
    if (round_.empty()) return std::nullopt;
    auto entry = std::move(round_.front());
    round_.pop_front();
    std::pair<Peer, Item> next{entry.first, std::move(entry.second.front())};
    entry.second.pop_front();
    --size_;
    if (!entry.second.empty()) round_.push_back(std::move(entry));
    return next;
  }
  /// Forgets what the peer has waiting; how many that were.
  std::size_t drop(const Peer& peer) {
    const auto found = find(peer);
    if (found == round_.end()) return 0;
    const std::size_t dropped = found->second.size();
    round_.erase(found);
    size_ -= dropped;
    return dropped;
  }

  std::size_t size() const { return size_; }

 private:
  using Entry = std::pair<Peer, std::deque<Item>>;  // never empty
  typename std::deque<Entry>::iterator find(const Peer& peer) {
    return std::find_if(round_.begin(), round_.end(),
                        [&peer](const Entry& entry) { return entry.first == peer; });
  }

  std::deque<Entry> round_;  ///< whose turn comes first
  std::size_t size_ = 0;
};

}  // namespace hippocrypt::actors
