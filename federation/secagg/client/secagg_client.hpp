#pragma once
// A hospital's side of one attempt of secure aggregation: Bonawitz et al., "Practical Secure
// Aggregation for Privacy-Preserving Machine Learning" (CCS 2017), figure 4, with the consistency
// round of its malicious-server variant, over the complete graph.
//
// The client is a function of a root of 32 secret bytes and of the messages that it got: made anew
// from the same root and fed the same messages, it sends the same bytes. Whoever uses it keeps root
// and messages until the round is closed, and the update and the hash of the masked one before that
// is sent: after a crash the hash is given back through restore_masked, and the same update masked
// again, never that of another training.
//
// A message that came before may come again and is answered alike. A different one in its place is
// refused: two survivor sets, or two updates under the same masks, would open one update.

#include <optional>

#include "federation/secagg/client/attempt_keys.hpp"
#include "federation/secagg/client/identity_key.hpp"

namespace hippocrypt::federation::secagg {

class SecAggClient {
 public:
  /// `self` is the hospital's name. Errors: not_found (not in the roster), mismatch (the roster has
  /// another identity key for it), out_of_range (a root that is not 32 bytes long).
  static Result<SecAggClient> create(std::shared_ptr<const Session> session, std::string_view self,
                                     std::shared_ptr<const IdentityKey> identity, SecretBytes root);

  /// key_advert: this hospital's keys, signed.
  Bytes advert() const;

  /// key_book in, share_bundle out. Errors: those of decode_key_book; tampered (a key that its
  /// owner did not sign, one key twice, this hospital's keys changed), unavailable (fewer hospitals
  /// than a sum must hold), mismatch (this hospital is not in it; another book than before).
  Result<Bytes> on_key_book(ByteView body);

  /// share_book in. Errors: those of decode_share_book; mismatch (before the key book; another book
  /// than before; a hospital that is not in the key book), tampered (shares that do not open, with
  /// the name), unavailable (fewer hospitals than a sum must hold).
  Status on_share_book(ByteView body);

  /// masked_update out, of values that encode() (fixed_point.hpp) made. Errors: mismatch (before
  /// the share book; another update than before), limit_exceeded (too many values for a message),
  /// tampered (a mask key of low order).
  Result<Bytes> mask(std::span<const std::uint32_t> encoded, std::size_t threads = 1);
  /// SHA-256 of the masked update; nothing before there is one.
  const std::optional<Hash256>& masked_hash() const { return masked_; }
  /// What masked_hash() said before a crash. Errors: mismatch (before the share book; another
  /// update than before).
  Status restore_masked(const Hash256& hash);

  /// survivors in, signature out. Errors: those of decode_survivors; mismatch (before the masked
  /// update; another set than before; this hospital or its masks are not in it), unavailable (fewer
  /// than a sum must hold).
  Result<Bytes> on_survivors(ByteView body);

  /// signature_book in, unmask_shares out: the last message. Errors: those of
  /// decode_signature_book; mismatch (before the survivors; a signer that is no survivor), tampered
  /// (a signature on anything but the very same set, with the name), unavailable (fewer than
  /// threshold signatures).
  Result<Bytes> on_signatures(ByteView body);

 private:
  SecAggClient(std::shared_ptr<const Session> session, MemberIndex self,
               std::shared_ptr<const IdentityKey> identity, const SecretBytes& root);
  Status check_key_book(const KeyBook& book) const;
  Status check_survivors(const Members& survivors) const;
  Error too_few(const std::string& what, std::size_t count) const;
  const std::string& name_of(MemberIndex member) const { return session_->roster()[member].name; }
  Bytes seal_shares();

  /// What became of a member's keys and shares.
  struct Peer {
    PublicKey mask{};
    SecretBytes agreed;               ///< by the channel keys
    std::optional<SharePair> shares;  ///< of its secrets, once the share book has come
  };

  std::shared_ptr<const Session> session_;
  MemberIndex self_ = 0;
  std::shared_ptr<const IdentityKey> identity_;
  AttemptKeys keys_;
  KeyAdvert advert_;
  std::map<MemberIndex, Peer> peers_;  ///< the others in the key book
  // Hashes of what came and went; nothing before it did.
  std::optional<Hash256> key_book_, share_book_, masked_, survivor_set_;
  std::optional<Hash256> encoded_;  ///< of this process's own computation
  Bytes bundle_;
  Members sharers_;    ///< whose masks are on the update, itself included
  Members survivors_;  ///< what was signed
};

}  // namespace hippocrypt::federation::secagg
