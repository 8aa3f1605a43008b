#pragma once
// What both sides compute alike: the statements that are signed, and the keys of masks.

#include "federation/secagg/common/mask.hpp"
#include "federation/secagg/common/messages.hpp"

namespace hippocrypt::federation::secagg {

/// What a hospital signs when it shows its keys: run, round, attempt, roster, itself, the keys.
Bytes advert_statement(const Session& session, MemberIndex member, const KeyAdvert& advert);

/// Errors: tampered, with the hospital's name (not signed by it).
Status check_advert(const Session& session, MemberIndex member, const KeyAdvert& advert);

/// What a hospital signs before anything is unmasked: the keys it worked with, whose masks are in
/// the sum, and whose updates are.
Bytes survivor_statement(const Session& session, const Hash256& key_book_hash,
                         const Members& sharers, const Members& survivors);

/// What a hospital shows of its self-mask seed beforehand: 256 random bits do not show through it.
Hash256 self_mask_commitment(const Session& session, MemberIndex member, const SecretBytes& seed);

/// The mask that a hospital adds for itself.
Mask self_mask(const Session& session, const SecretBytes& seed, MaskSign sign);

/// The mask that `member` puts on its update for `other`: the lower index adds, the higher
/// subtracts, so that they cancel in a sum of both. `keys` are the member's mask keys.
/// Errors: tampered (a public key of low order).
Result<Mask> pair_mask(const Session& session, MemberIndex member, const KeyPair& keys,
                       MemberIndex other, const PublicKey& others_key);

}  // namespace hippocrypt::federation::secagg
