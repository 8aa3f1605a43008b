#include "federation/secagg/aggregator/masked_sum.hpp"

#include <cstring>

namespace hippocrypt::federation::secagg {

Status MaskedSum::add(MemberIndex member, const MaskedWords& masked) {
  if (masked.count() != words_.size()) {
    return Error{Errc::mismatch, "a masked update has " + std::to_string(masked.count()) +
                                     " values; the adapter has " + std::to_string(words_.size())};
  }
  const Hash256 hash = sha256(masked.bytes);
  const auto known = updates_.find(member);
  if (known != updates_.end()) {
    if (known->second == hash) {
      return Error{Errc::stale, "this masked update is in the sum already"};
    }
    return Error{Errc::mismatch,
                 "a second, different masked update came in one attempt; the first "
                 "one counts"};
  }
  updates_.emplace(member, hash);
  constexpr std::size_t piece = 1024;  // words, copied as a message's bytes are not aligned
  std::array<std::uint32_t, piece> copy;
  for (std::size_t at = 0; at < words_.size(); at += piece) {
    const std::size_t count = std::min(piece, words_.size() - at);
    std::memcpy(copy.data(), masked.bytes.data() + at * sizeof(std::uint32_t),
                count * sizeof(std::uint32_t));
    for (std::size_t i = 0; i < count; ++i) words_[at + i] += copy[i];
  }
  return {};
}

}  // namespace hippocrypt::federation::secagg
