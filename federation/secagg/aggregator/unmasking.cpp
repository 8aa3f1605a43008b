#include "federation/secagg/aggregator/unmasking.hpp"

#include <algorithm>

#include "federation/secagg/aggregator/share_search.hpp"

namespace hippocrypt::federation::secagg {
namespace {

ShareKind kind_for(MemberIndex sharer, const Members& survivors) {
  return survivors.contains(sharer) ? ShareKind::self_mask : ShareKind::mask_key;
}

/// Whether a rebuilt secret is the one that its owner showed beforehand.
bool is_as_advertised(const Unmasking& unmasking, MemberIndex owner, const SecretBytes& secret) {
  const KeyAdvert& advert = unmasking.key_book.adverts.at(owner);
  if (kind_for(owner, unmasking.survivors) == ShareKind::self_mask) {
    return self_mask_commitment(unmasking.session, owner, secret) == advert.self_mask;
  }
  return KeyPair::of(secret).public_key() == advert.mask;
}

/// The masks that one opened secret accounts for.
Status add_masks(const Unmasking& unmasking, MemberIndex owner, const SecretBytes& secret,
                 std::vector<Mask>& masks) {
  if (unmasking.survivors.contains(owner)) {
    masks.push_back(self_mask(unmasking.session, secret, MaskSign::subtract));
    return {};
  }
  // The owner's update is not in the sum: what the others put on theirs for it is cancelled by what
  // it would have put on its own.
  const KeyPair keys = KeyPair::of(secret);
  for (const MemberIndex other : unmasking.survivors) {
    HIPPOCRYPT_TRY(Mask mask, pair_mask(unmasking.session, owner, keys, other,
                                        unmasking.key_book.adverts.at(other).mask));
    masks.push_back(std::move(mask));
  }
  return {};
}

}  // namespace

Status check_shares(const Session& session, const Members& sharers, const Members& survivors,
                    const UnmaskShares& shares) {
  for (const MemberIndex sharer : sharers) {
    const auto found = shares.shares.find(sharer);
    if (found == shares.shares.end()) {
      return Error{Errc::mismatch, "no share of " + session.roster()[sharer].name + " was opened"};
    }
    if (found->second.kind != kind_for(sharer, survivors)) {
      return Error{Errc::mismatch, "the wrong secret of " + session.roster()[sharer].name +
                                       " was opened; nobody may ever open both"};
    }
  }
  if (shares.shares.size() != sharers.size()) {
    return Error{Errc::mismatch, "a share of a hospital that is not in the attempt was opened"};
  }
  return {};
}

Result<MasksLeft> masks_left(const Unmasking& unmasking) {
  const std::size_t threshold = unmasking.session.params().threshold();
  if (unmasking.answers.size() < threshold) {
    return Error{Errc::unavailable, std::to_string(unmasking.answers.size()) +
                                        " hospitals helped to unmask; " +
                                        std::to_string(threshold) + " are needed"};
  }
  std::vector<MemberIndex> answered;
  for (const auto& [member, shares] : unmasking.answers) answered.push_back(member);
  ShareSearch search{std::move(answered), threshold};
  MasksLeft left;
  for (const MemberIndex owner : unmasking.sharers) {
    const auto secret = search.find(
        [&](MemberIndex member) -> const ShareBytes& {
          return unmasking.answers.at(member).shares.at(owner).share;
        },
        [&](const SecretBytes& candidate) {
          return is_as_advertised(unmasking, owner, candidate);
        });
    if (!secret) {
      return Error{Errc::tampered, "the masks of " + unmasking.session.roster()[owner].name +
                                       " cannot be rebuilt: it gave wrong shares to others, or too "
                                       "many of them opened wrong ones"};
    }
    HIPPOCRYPT_TRY_VOID(add_masks(unmasking, owner, *secret, left.masks));
  }
  for (const MemberIndex member : search.faulty()) {
    left.faulty.push_back(unmasking.session.roster()[member].name);
  }
  left.has_unknown_liars = search.has_unknown_liars();
  return left;
}

}  // namespace hippocrypt::federation::secagg
