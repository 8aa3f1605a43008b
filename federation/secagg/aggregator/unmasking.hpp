#pragma once
// From the shares that hospitals opened to the masks that are left in a sum.

#include "federation/secagg/common/agreement.hpp"

namespace hippocrypt::federation::secagg {

/// What was gathered; the references must outlive the call.
struct Unmasking {
  const Session& session;
  const KeyBook& key_book;
  const Members& sharers;    ///< whose pair masks are on the updates
  const Members& survivors;  ///< whose updates are in the sum
  /// What members opened; each lists all sharers, as check_shares says.
  const std::map<MemberIndex, UnmaskShares>& answers;
};

struct MasksLeft {
  std::vector<Mask> masks;          ///< applied to the sum, they leave the sum of the updates
  std::vector<std::string> faulty;  ///< hospitals with a share that does not fit the others'
  bool has_unknown_liars = false;   ///< wrong shares came, and nothing says from whom
};

/// Whether `shares` opens exactly one secret of every sharer, and the right one. Errors: mismatch.
Status check_shares(const Session& session, const Members& sharers, const Members& survivors,
                    const UnmaskShares& shares);

/// Rebuilds every secret from `threshold` shares and compares it with what its owner advertised
/// (the public key, the commitment). If they do not agree, other shares are tried in turn, a
/// bounded number of times; once a secret is found, the shares that do not lie on its polynomial
/// name their senders, where they can (share_search.hpp). Errors: tampered (no tried set of shares
/// gives a secret as advertised), unavailable (fewer than threshold answers).
Result<MasksLeft> masks_left(const Unmasking& unmasking);

}  // namespace hippocrypt::federation::secagg
