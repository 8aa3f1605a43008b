#include "federation/secagg/common/agreement.hpp"

#include <algorithm>

#include "base/byte_reader.hpp"
#include "federation/secagg/common/hkdf.hpp"

namespace hippocrypt::federation::secagg {
namespace {

Bytes list_of(const Members& members) {
  ByteWriter writer;
  for (const MemberIndex member : members) writer.write(member);
  return std::move(writer).take();
}

ByteView name_of(const Session& session, MemberIndex member) {
  return as_bytes(session.roster()[member].name);
}

}  // namespace

Bytes advert_statement(const Session& session, MemberIndex member, const KeyAdvert& advert) {
  return labelled("hippocrypt secagg advert 1", {session.hash(), name_of(session, member),
                                                 advert.channel, advert.mask, advert.self_mask});
}

Status check_advert(const Session& session, MemberIndex member, const KeyAdvert& advert) {
  const Member& owner = session.roster()[member];
  if (is_signed_by(owner.identity, advert_statement(session, member, advert), advert.signature)) {
    return {};
  }
  return Error{Errc::tampered,
               "the keys in the name of " + owner.name + " are not signed with its identity key"};
}

Bytes survivor_statement(const Session& session, const Hash256& key_book_hash,
                         const Members& sharers, const Members& survivors) {
  return labelled("hippocrypt secagg survivors 1",
                  {session.hash(), key_book_hash, list_of(sharers), list_of(survivors)});
}

Hash256 self_mask_commitment(const Session& session, MemberIndex member, const SecretBytes& seed) {
  Sha256 hash;
  hash.add_field("hippocrypt secagg commitment 1").add_field(ByteView{session.hash()});
  hash.add_field(name_of(session, member)).add_field(seed.reveal());
  return hash.finish();
}

Mask self_mask(const Session& session, const SecretBytes& seed, MaskSign sign) {
  const Bytes info = labelled("hippocrypt secagg self mask 1", {});
  return {hkdf_sha256(seed.reveal(), session.hash(), info, 32), sign};
}

Result<Mask> pair_mask(const Session& session, MemberIndex member, const KeyPair& keys,
                       MemberIndex other, const PublicKey& others_key) {
  const auto agreed = keys.agree(others_key);
  if (!agreed) {
    return Error{agreed.error().code, session.roster()[other].name + ": " + agreed.error().detail};
  }
  const bool is_lower = member < other;
  const PublicKey& low_key = is_lower ? keys.public_key() : others_key;
  const PublicKey& high_key = is_lower ? others_key : keys.public_key();
  const Bytes info = labelled("hippocrypt secagg pair mask 1",
                              {name_of(session, std::min(member, other)),
                               name_of(session, std::max(member, other)), low_key, high_key});
  return Mask{hkdf_sha256(agreed->reveal(), session.hash(), info, 32),
              is_lower ? MaskSign::add : MaskSign::subtract};
}

}  // namespace hippocrypt::federation::secagg
