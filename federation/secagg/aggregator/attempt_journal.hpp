#pragma once
// What the aggregator persists of an attempt, and reads back after a crash.

#include "federation/secagg/aggregator/masked_sum.hpp"

namespace hippocrypt::federation::secagg {

/// JournalEntry::kind of secure aggregation, in the order of their use. Numbers are part of the
/// format.
enum class JournalKind : std::uint32_t {
  key_book = 1,  ///< before it is announced: a hospital accepts one a attempt
  bundles = 2,   ///< before share books are announced: likewise
  sum = 3,       ///< before the survivors are announced: they sign one set, and cannot mask again
};

/// The hospitals' sealed shares, by sender.
using Bundles = std::map<MemberIndex, SealedShares>;

Bytes encode_bundles(const Session& session, const Bundles& bundles);
Bytes encode_sum(const Session& session, const MaskedSum& sum);

/// Errors: malformed, and those of the bodies inside (messages.hpp).
Result<Bundles> decode_bundles(const Session& session, ByteView bytes);
/// Errors: malformed, mismatch (of another attempt), out_of_range (a hospital beyond the roster).
Result<MaskedSum> decode_sum(const Session& session, ByteView bytes);

}  // namespace hippocrypt::federation::secagg
