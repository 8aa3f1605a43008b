// How the phases of an attempt end: what is persisted, and what is sent then.

#include "federation/secagg/aggregator/secagg_collector.hpp"
#include "federation/secagg/aggregator/unmasking.hpp"
#include "federation/secagg/common/fixed_point.hpp"

namespace hippocrypt::federation::secagg {
namespace {

std::string too_few(const char* what, std::size_t count, std::size_t needed) {
  return std::string{what} + " came from " + std::to_string(count) + " hospitals; " +
         std::to_string(needed) + " are needed";
}

PhaseResult void_attempt(std::string reason) {
  PhaseResult result;
  result.void_reason = std::move(reason);
  return result;
}

}  // namespace

PhaseResult SecAggCollector::close_phase() {
  switch (stage_) {
    case Stage::keys:
      return close_keys();
    case Stage::shares:
      return close_shares();
    case Stage::updates:
      return close_updates();
    case Stage::signatures:
      return close_signatures();
    case Stage::opening:
      return close_opening();
    case Stage::done:
      break;
  }
  return void_attempt("this attempt is over");
}

PhaseResult SecAggCollector::close_keys() {
  if (!can_go_on()) return void_attempt(too_few("keys", arrived(), needed()));
  enter_shares(key_book_, encode(*session_, key_book_));
  PhaseResult result;
  result.persist_first = entry(JournalKind::key_book, key_book_body_);
  for (const auto& [member, advert] : key_book_.adverts) {
    result.send.push_back(outgoing(member, RoundMessageKind::key_book, key_book_body_));
  }
  return result;
}

PhaseResult SecAggCollector::close_shares() {
  if (!can_go_on()) return void_attempt(too_few("shares", arrived(), needed()));
  PhaseResult result;
  result.persist_first = entry(JournalKind::bundles, encode_bundles(*session_, bundles_));
  enter_updates(std::move(bundles_));
  for (const MemberIndex member : sharers_) {
    result.send.push_back(outgoing(member, RoundMessageKind::share_book, share_book_for(member)));
  }
  return result;
}

PhaseResult SecAggCollector::close_updates() {
  if (!can_go_on()) return void_attempt(too_few("masked updates", arrived(), needed()));
  PhaseResult result;
  result.persist_first = entry(JournalKind::sum, encode_sum(*session_, sum_));
  enter_signatures();
  const Bytes body = encode(*session_, Survivors{survivors_});
  for (const MemberIndex member : survivors_) {
    result.send.push_back(outgoing(member, RoundMessageKind::survivors, body));
  }
  return result;
}

PhaseResult SecAggCollector::close_signatures() {
  if (!can_go_on()) return void_attempt(too_few("signatures", arrived(), needed()));
  signers_ = keys_of(signatures_);
  stage_ = Stage::opening;
  PhaseResult result;
  const Bytes body = signature_book();
  for (const MemberIndex member : signers_) {
    result.send.push_back(outgoing(member, RoundMessageKind::signature_book, body));
  }
  return result;
}

PhaseResult SecAggCollector::close_opening() {
  if (!can_go_on()) return void_attempt(too_few("opened shares", arrived(), needed()));
  const auto left = masks_left({*session_, key_book_, sharers_, survivors_, opened_});
  stage_ = Stage::done;
  if (!left) return void_attempt(left.error().detail);
  std::vector<std::uint32_t> words = sum_.words();
  apply_masks(words, left->masks, setup_->threads);
  std::uint64_t weight = 0;
  for (const MemberIndex member : survivors_) weight += session_->roster()[member].weight;
  mean_ = decode_mean(words, weight, session_->params());
  const std::size_t dropped = sharers_.size() - survivors_.size();
  if (dropped > 0) note_ = std::to_string(dropped) + " dropped after sharing keys, masks removed";
  const auto add_note = [&](const std::string& text) {
    note_ += (note_.empty() ? "" : "; ") + text;
  };
  for (const auto& name : left->faulty) add_note(name + " opened a wrong share");
  if (left->has_unknown_liars) add_note("wrong shares were opened, and nothing says by whom");
  PhaseResult result;
  result.done = true;
  return result;
}

/// As many signatures as a hospital wants to see; it checks every one that it gets.
Bytes SecAggCollector::signature_book() const {
  SignatureBook book;
  for (const auto& [member, signature] : signatures_) {
    if (book.signatures.size() == needed()) break;
    book.signatures.emplace(member, signature);
  }
  return encode(*session_, book);
}

void SecAggCollector::enter_shares(KeyBook book, Bytes body) {
  key_book_ = std::move(book);
  key_book_body_ = std::move(body);
  key_book_hash_ = sha256(key_book_body_);
  stage_ = Stage::shares;
}

void SecAggCollector::enter_updates(Bundles bundles) {
  bundles_ = std::move(bundles);
  sharers_ = keys_of(bundles_);
  sum_ = MaskedSum{setup_->value_count};
  stage_ = Stage::updates;
}

void SecAggCollector::enter_signatures() {
  survivors_ = keys_of(sum_.updates());
  stage_ = Stage::signatures;
}

Bytes SecAggCollector::share_book_for(MemberIndex member) const {
  SealedShares book;
  for (const MemberIndex other : sharers_) {
    if (other != member) book.shares.emplace(other, bundles_.at(other).shares.at(member));
  }
  return encode_share_book(*session_, book);
}

}  // namespace hippocrypt::federation::secagg
