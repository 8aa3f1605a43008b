#pragma once
// The bodies of secure aggregation's messages. All numbers are little-endian.
//
//    0  version   u8, 2 (1: masks were ChaCha20's)
//    1  kind      u8, a BodyKind
//    2  session   32 bytes: Session::hash()
//   34  fields of the kind; hospitals by their index in the roster, lists in its order
//
// Who sent a body is known from the message that carries it; what binds a body to its sender is
// signed or sealed inside.

#include <map>
#include <set>

#include "federation/secagg/common/key_agreement.hpp"
#include "federation/secagg/common/session.hpp"

namespace hippocrypt::federation::secagg {

inline constexpr std::uint8_t body_version = 2;

enum class BodyKind : std::uint8_t {
  key_advert = 1,
  key_book = 2,
  share_bundle = 3,
  share_book = 4,
  masked_update = 5,
  survivors = 6,
  signature = 7,
  signature_book = 8,
  unmask_shares = 9,
};
const char* to_string(BodyKind kind);

using Members = std::set<MemberIndex>;

/// Whom a list has an entry for.
template <class Entry>
Members keys_of(const std::map<MemberIndex, Entry>& list) {
  Members members;
  for (const auto& [member, entry] : list) members.insert(member);
  return members;
}

/// hospital → all: its keys of this attempt, signed with its identity key.
struct KeyAdvert {
  PublicKey channel{};  ///< shares are sealed under it
  PublicKey mask{};     ///< pair masks come from it
  Hash256 self_mask{};  ///< commitment to the seed of its own mask
  Signature signature{};
};
/// aggregator → hospitals.
struct KeyBook {
  std::map<MemberIndex, KeyAdvert> adverts;
};
/// Two shares for one other hospital: of the mask key and of the self-mask seed, sealed
/// (ChaCha20-Poly1305).
inline constexpr std::size_t sealed_share_bytes = 2 * shared_secret_bytes + 16;
using SealedShare = std::array<std::uint8_t, sealed_share_bytes>;
/// hospital → aggregator, by recipient; aggregator → hospital, by sender.
struct SealedShares {
  std::map<MemberIndex, SealedShare> shares;
};
/// hospital → aggregator: words in Z_2^32. Lies inside the body, which must outlive it.
struct MaskedWords {
  ByteView bytes;  ///< 4 a word, not aligned
  std::size_t count() const { return bytes.size() / sizeof(std::uint32_t); }
};
/// aggregator → hospitals: whose masked updates are in the sum.
struct Survivors {
  Members members;
};
/// hospital → aggregator: its signature on what it was told.
struct SurvivorSignature {
  Signature signature{};
};
/// aggregator → hospitals.
struct SignatureBook {
  std::map<MemberIndex, Signature> signatures;
};
/// What a share opens. Nobody ever sends both of one hospital.
enum class ShareKind : std::uint8_t { self_mask = 1, mask_key = 2 };
struct UnmaskShare {
  ShareKind kind = ShareKind::self_mask;
  ShareBytes share{};
};
/// hospital → aggregator: one share of every hospital that takes part in the attempt.
struct UnmaskShares {
  std::map<MemberIndex, UnmaskShare> shares;
};

Bytes encode(const Session& session, const KeyAdvert& body);
Bytes encode(const Session& session, const KeyBook& body);
Bytes encode_bundle(const Session& session, const SealedShares& body);
Bytes encode_share_book(const Session& session, const SealedShares& body);
Bytes encode_masked_update(const Session& session, std::span<const std::uint32_t> words);
Bytes encode(const Session& session, const Survivors& body);
Bytes encode(const Session& session, const SurvivorSignature& body);
Bytes encode(const Session& session, const SignatureBook& body);
Bytes encode(const Session& session, const UnmaskShares& body);

/// Decoders. Errors: malformed (truncated, longer than it says, another kind, a list that is not in
/// the roster's order, an unknown share kind), unsupported (another version), mismatch (of another
/// run, round, attempt, roster or parameters), out_of_range (an index beyond the roster).
Result<KeyAdvert> decode_key_advert(const Session& session, ByteView body);
Result<KeyBook> decode_key_book(const Session& session, ByteView body);
Result<SealedShares> decode_bundle(const Session& session, ByteView body);
Result<SealedShares> decode_share_book(const Session& session, ByteView body);
Result<MaskedWords> decode_masked_update(const Session& session, ByteView body);
Result<Survivors> decode_survivors(const Session& session, ByteView body);
Result<SurvivorSignature> decode_signature(const Session& session, ByteView body);
Result<SignatureBook> decode_signature_book(const Session& session, ByteView body);
Result<UnmaskShares> decode_unmask_shares(const Session& session, ByteView body);

}  // namespace hippocrypt::federation::secagg
