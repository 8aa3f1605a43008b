#pragma once
// The running sum of masked updates: as many words as one update, however many hospitals there are.

#include "federation/secagg/common/messages.hpp"

namespace hippocrypt::federation::secagg {

class MaskedSum {
 public:
  explicit MaskedSum(std::size_t count) : words_(count) {}
  /// As it was persisted.
  MaskedSum(std::vector<std::uint32_t> words, std::map<MemberIndex, Hash256> updates)
      : words_{std::move(words)}, updates_{std::move(updates)} {}

  /// Adds one member's words. Errors: stale (the same update is in the sum already), mismatch
  /// (another update of this member is; another number of values than the sum's). After an error
  /// the sum is as it was.
  Status add(MemberIndex member, const MaskedWords& masked);

  const std::vector<std::uint32_t>& words() const { return words_; }
  std::vector<std::uint32_t> take() && { return std::move(words_); }
  /// Whose updates are in it, with the hash of each.
  const std::map<MemberIndex, Hash256>& updates() const { return updates_; }
  bool contains(MemberIndex member) const { return updates_.contains(member); }

 private:
  std::vector<std::uint32_t> words_;
  std::map<MemberIndex, Hash256> updates_;
};

}  // namespace hippocrypt::federation::secagg
