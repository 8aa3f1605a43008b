#pragma once
// Who may wait for authentication: a bounded number, and of one address a smaller one, so that
// nobody shuts others out by connecting.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

namespace hippocrypt::net {

class Strangers {
 public:
  Strangers(std::size_t most, std::size_t most_per_address)
      : most_{most}, most_per_address_{most_per_address} {}

  /// Takes a newcomer in. Who has to go for it, if the pool or the address was full: the oldest of
  /// the address with the most.
  std::optional<std::uint64_t> add(std::uint64_t id, const std::string& address) {
    std::optional<std::uint64_t> evicted;
    std::map<std::string, std::size_t> counts;
    for (const Stranger& each : strangers_) ++counts[each.address];
    if (counts[address] >= most_per_address_) {
      evicted = take_oldest(address);
    } else if (strangers_.size() >= most_) {
      const auto fullest =
          std::max_element(counts.begin(), counts.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      evicted = take_oldest(fullest->first);
    }
    strangers_.push_back({id, address});
    return evicted;
  }
  /// It is none any more.
  void remove(std::uint64_t id) {
    strangers_.remove_if([id](const Stranger& each) { return each.id == id; });
  }
  std::size_t size() const { return strangers_.size(); }

 private:
  struct Stranger {
    std::uint64_t id;
    std::string address;
  };
  std::optional<std::uint64_t> take_oldest(const std::string& address) {
    const auto found = std::find_if(strangers_.begin(), strangers_.end(),
                                    [&](const Stranger& each) { return each.address == address; });
    if (found == strangers_.end()) return std::nullopt;
    const std::uint64_t id = found->id;
    strangers_.erase(found);
    return id;
  }

  const std::size_t most_, most_per_address_;
  std::list<Stranger> strangers_;  // the oldest first
};

}  // namespace hippocrypt::net
