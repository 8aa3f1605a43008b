#include "federation/secagg/client/secagg_client.hpp"

#include <algorithm>

#include "base/byte_reader.hpp"
#include "federation/secagg/common/agreement.hpp"

namespace hippocrypt::federation::secagg {
namespace {

Error out_of_order(BodyKind came, BodyKind missing) {
  return {Errc::mismatch, std::string{"a "} + to_string(came) + " came before the " +
                              to_string(missing) + " of this attempt"};
}

Error another(BodyKind kind) {
  return {Errc::mismatch, std::string{"a second, different "} + to_string(kind) +
                              " came in one attempt; nothing more is sent for it"};
}

}  // namespace

SecAggClient::SecAggClient(std::shared_ptr<const Session> session, MemberIndex self,
                           std::shared_ptr<const IdentityKey> identity, const SecretBytes& root)
    : session_{std::move(session)},
      self_{self},
      identity_{std::move(identity)},
      keys_{*session_, root} {
  advert_.channel = keys_.channel().public_key();
  advert_.mask = keys_.mask().public_key();
  advert_.self_mask = self_mask_commitment(*session_, self_, keys_.self_mask_seed());
  advert_.signature = identity_->sign(advert_statement(*session_, self_, advert_));
}

Result<SecAggClient> SecAggClient::create(std::shared_ptr<const Session> session,
                                          std::string_view self,
                                          std::shared_ptr<const IdentityKey> identity,
                                          SecretBytes root) {
  const auto index = session->roster().index_of(self);
  if (!index) {
    return Error{Errc::not_found, std::string{self} + " is not in the roster of this run"};
  }
  if (session->roster()[*index].identity != identity->public_part()) {
    return Error{Errc::mismatch, "the roster of this run has another identity key for " +
                                     std::string{self} + " than the hospital itself"};
  }
  if (root.size() != 32) {
    return Error{Errc::out_of_range, "the root of an attempt's keys has " +
                                         std::to_string(root.size()) + " bytes instead of 32"};
  }
  return SecAggClient{std::move(session), *index, std::move(identity), root};
}

Error SecAggClient::too_few(const std::string& what, std::size_t count) const {
  return {Errc::unavailable, what + " " + std::to_string(count) +
                                 " hospitals; a sum holds at least " +
                                 std::to_string(session_->params().smallest_sum()) +
                                 ", so that it hides each of them"};
}

Bytes SecAggClient::advert() const { return encode(*session_, advert_); }

Status SecAggClient::check_key_book(const KeyBook& book) const {
  const auto own = book.adverts.find(self_);
  if (own == book.adverts.end()) {
    return Error{Errc::mismatch, "the key book leaves " + name_of(self_) + " out"};
  }
  if (book.adverts.size() < session_->params().smallest_sum()) {
    return too_few("the key book has", book.adverts.size());
  }
  std::set<PublicKey> seen;
  for (const auto& [member, advert] : book.adverts) {
    if (member == self_) {
      if (encode(*session_, advert) != this->advert()) {
        return Error{Errc::tampered,
                     "the key book has other keys for " + name_of(self_) + " than it sent"};
      }
    } else {
      HIPPOCRYPT_TRY_VOID(check_advert(*session_, member, advert));
    }
    if (!seen.insert(advert.channel).second || !seen.insert(advert.mask).second) {
      return Error{Errc::tampered,
                   name_of(member) + " uses a key twice or one of another hospital"};
    }
  }
  return {};
}

Result<Bytes> SecAggClient::on_key_book(ByteView body) {
  const Hash256 hash = sha256(body);
  if (key_book_) {
    if (*key_book_ != hash) return another(BodyKind::key_book);
    return bundle_;
  }
  HIPPOCRYPT_TRY(const KeyBook book, decode_key_book(*session_, body));
  HIPPOCRYPT_TRY_VOID(check_key_book(book));
  std::map<MemberIndex, Peer> peers;
  for (const auto& [member, advert] : book.adverts) {
    if (member == self_) continue;
    HIPPOCRYPT_TRY(SecretBytes agreed, keys_.channel().agree(advert.channel));
    peers.emplace(member, Peer{advert.mask, std::move(agreed), std::nullopt});
  }
  peers_ = std::move(peers);
  key_book_ = hash;
  bundle_ = seal_shares();
  return bundle_;
}

Bytes SecAggClient::seal_shares() {
  SealedShares bundle;
  for (const auto& [member, peer] : peers_) {
    const ShareRoute route{*session_, *key_book_, self_, member};
    bundle.shares.emplace(member, seal(route, peer.agreed, keys_.shares_for(member)));
  }
  return encode_bundle(*session_, bundle);
}

Status SecAggClient::on_share_book(ByteView body) {
  if (!key_book_) return out_of_order(BodyKind::share_book, BodyKind::key_book);
  const Hash256 hash = sha256(body);
  if (share_book_) {
    if (*share_book_ != hash) return another(BodyKind::share_book);
    return {};
  }
  HIPPOCRYPT_TRY(const SealedShares book, decode_share_book(*session_, body));
  std::map<MemberIndex, SharePair> opened;
  for (const auto& [member, sealed] : book.shares) {
    const auto peer = peers_.find(member);
    if (peer == peers_.end()) {
      return Error{Errc::mismatch, "shares of " + name_of(member) +
                                       " came, which is not among the others of the key book"};
    }
    const ShareRoute route{*session_, *key_book_, member, self_};
    HIPPOCRYPT_TRY(SharePair shares, unseal(route, peer->second.agreed, sealed));
    opened.emplace(member, std::move(shares));
  }
  if (opened.size() + 1 < session_->params().smallest_sum()) {
    return too_few("with this one there are shares of", opened.size() + 1);
  }
  sharers_ = {self_};
  for (auto& [member, shares] : opened) {
    sharers_.insert(member);
    peers_.at(member).shares = std::move(shares);
  }
  share_book_ = hash;
  return {};
}

Result<Bytes> SecAggClient::mask(std::span<const std::uint32_t> encoded, std::size_t threads) {
  if (!share_book_) return out_of_order(BodyKind::masked_update, BodyKind::share_book);
  constexpr std::size_t most = UINT32_MAX / sizeof(std::uint32_t);
  if (encoded.size() > most) {
    return Error{Errc::limit_exceeded,
                 std::to_string(encoded.size()) + " values; at most " + std::to_string(most)};
  }
  std::vector<Mask> masks;
  masks.push_back(self_mask(*session_, keys_.self_mask_seed(), MaskSign::add));
  for (const MemberIndex member : sharers_) {
    if (member == self_) continue;
    HIPPOCRYPT_TRY(Mask mask,
                   pair_mask(*session_, self_, keys_.mask(), member, peers_.at(member).mask));
    masks.push_back(std::move(mask));
  }
  SecretArray<std::uint32_t> words(encoded.size());
  std::copy(encoded.begin(), encoded.end(), words.reveal().begin());
  apply_masks(words.reveal(), masks, threads);
  Bytes body = encode_masked_update(*session_, words.reveal());
  const Hash256 hash = sha256(body);
  if (masked_ && *masked_ != hash) {
    return Error{Errc::mismatch,
                 "another update was masked in this attempt; two under the same masks would show "
                 "their difference: resend the first one as it was"};
  }
  masked_ = hash;
  return body;
}

Status SecAggClient::restore_masked(const Hash256& hash) {
  if (!share_book_) return out_of_order(BodyKind::masked_update, BodyKind::share_book);
  if (masked_ && *masked_ != hash) return another(BodyKind::masked_update);
  masked_ = hash;
  return {};
}

Status SecAggClient::check_survivors(const Members& survivors) const {
  if (!survivors.contains(self_)) {
    return Error{Errc::mismatch, "the survivors leave " + name_of(self_) + " out"};
  }
  for (const MemberIndex member : survivors) {
    if (!sharers_.contains(member)) {
      return Error{Errc::mismatch, name_of(member) + " is among the survivors but shared no keys"};
    }
  }
  if (survivors.size() < session_->params().smallest_sum()) {
    return too_few("the survivors are", survivors.size());
  }
  return {};
}

Result<Bytes> SecAggClient::on_survivors(ByteView body) {
  if (!masked_) return out_of_order(BodyKind::survivors, BodyKind::masked_update);
  const Hash256 hash = sha256(body);
  if (survivor_set_ && *survivor_set_ != hash) return another(BodyKind::survivors);
  if (!survivor_set_) {
    HIPPOCRYPT_TRY(const Survivors survivors, decode_survivors(*session_, body));
    HIPPOCRYPT_TRY_VOID(check_survivors(survivors.members));
    survivors_ = survivors.members;
    survivor_set_ = hash;
  }
  // Ed25519 signatures are deterministic.
  return encode(*session_, SurvivorSignature{identity_->sign(
                               survivor_statement(*session_, *key_book_, sharers_, survivors_))});
}

Result<Bytes> SecAggClient::on_signatures(ByteView body) {
  if (!survivor_set_) return out_of_order(BodyKind::signature_book, BodyKind::survivors);
  HIPPOCRYPT_TRY(const SignatureBook book, decode_signature_book(*session_, body));
  const Bytes statement = survivor_statement(*session_, *key_book_, sharers_, survivors_);
  for (const auto& [member, signature] : book.signatures) {
    if (!survivors_.contains(member)) {
      return Error{Errc::mismatch, name_of(member) + " signed but is not among the survivors"};
    }
    if (!is_signed_by(session_->roster()[member].identity, statement, signature)) {
      return Error{Errc::tampered, "the signature of " + name_of(member) +
                                       " is not on the survivors that this hospital was told"};
    }
  }
  if (book.signatures.size() < session_->params().threshold()) {
    return Error{Errc::unavailable,
                 std::to_string(book.signatures.size()) + " hospitals signed the survivors; " +
                     std::to_string(session_->params().threshold()) + " must, before one unmasks"};
  }
  UnmaskShares out;
  for (const MemberIndex member : sharers_) {
    // One share of each: whoever had both could take all masks off one update.
    const ShareKind kind = survivors_.contains(member) ? ShareKind::self_mask : ShareKind::mask_key;
    SharePair own;
    if (member == self_) own = keys_.shares_for(self_);
    const SharePair& shares = member == self_ ? own : *peers_.at(member).shares;
    const auto share = (kind == ShareKind::self_mask ? shares.self_mask : shares.mask_key).reveal();
    UnmaskShare entry{kind, {}};
    std::copy(share.begin(), share.end(), entry.share.begin());
    out.shares.emplace(member, entry);
  }
  return encode(*session_, out);
}

}  // namespace hippocrypt::federation::secagg
