#include "federation/secagg/aggregator/secagg_collector.hpp"

#include <algorithm>

#include "federation/secagg/aggregator/unmasking.hpp"

namespace hippocrypt::federation::secagg {
namespace {

/// Who of `asked` has not answered.
template <class Value>
Members without(const Members& asked, const std::map<MemberIndex, Value>& answered) {
  Members missing;
  for (const MemberIndex member : asked) {
    if (!answered.contains(member)) missing.insert(member);
  }
  return missing;
}

/// A public key of low order would make masks that everybody knows.
Status check_order(const PublicKey& key) {
  static const KeyPair probe = KeyPair::of([] {
    SecretBytes any(32);
    any.reveal()[0] = 8;
    return any;
  }());
  HIPPOCRYPT_TRY_VOID(probe.agree(key));
  return {};
}

}  // namespace

Result<CollectorFactory> secagg_collectors(CollectorSetup setup) {
  HIPPOCRYPT_TRY_VOID(Session::create(setup.params, setup.roster, {setup.run, 1, 1}));
  auto shared = std::make_shared<const CollectorSetup>(std::move(setup));
  return CollectorFactory{[shared] { return std::make_unique<SecAggCollector>(shared); }};
}

SecAggCollector::SecAggCollector(std::shared_ptr<const CollectorSetup> setup)
    : setup_{std::move(setup)} {}

std::vector<Outgoing> SecAggCollector::begin(std::uint32_t round, std::uint32_t attempt,
                                             const std::vector<std::string>& participants) {
  session_ = Session::create(setup_->params, setup_->roster, {setup_->run, round, attempt}).value();
  for (const auto& name : participants) {
    const auto member = setup_->roster->index_of(name);
    HIPPOCRYPT_CHECK(member.has_value(), name);
    participants_.insert(*member);
  }
  return {};
}

Status SecAggCollector::receive(RoundMessage message) {
  const auto from = setup_->roster->index_of(message.hospital);
  const auto& place = session_->place();
  if (!from || !participants_.contains(*from)) {
    return Error{Errc::mismatch, message.hospital + " is not in this attempt"};
  }
  if (message.round != place.round || message.attempt != place.attempt) {
    return Error{Errc::mismatch, message.hospital + ": sent a message of another attempt"};
  }
  Stage stage = Stage::done;
  if (message.kind == RoundMessageKind::key_advert) stage = Stage::keys;
  if (message.kind == RoundMessageKind::share_bundle) stage = Stage::shares;
  if (message.kind == RoundMessageKind::masked_update) stage = Stage::updates;
  if (message.kind == RoundMessageKind::signature) stage = Stage::signatures;
  if (message.kind == RoundMessageKind::unmask_shares) stage = Stage::opening;
  if (stage == Stage::opening && stage_ == Stage::signatures) {
    return Error{Errc::stale, message.hospital +
                                  ": its unmask_shares came before the signatures; this aggregator "
                                  "was restarted in between and asks again"};
  }
  if (stage == Stage::done || stage > stage_) {
    return Error{Errc::mismatch, message.hospital + ": sent a " +
                                     federation::to_string(message.kind) +
                                     " before it was asked for one"};
  }
  // What is in the sum is known by its hash for as long as the attempt lasts.
  const bool is_resent = stage == Stage::updates && sum_.contains(*from);
  if (!is_resent && (stage < stage_ || !missing().contains(*from))) {
    return Error{Errc::stale, message.hospital + ": its " + federation::to_string(message.kind) +
                                  " is there already, or nobody waits for it"};
  }
  Status status;
  switch (stage) {
    case Stage::keys:
      status = receive_advert(*from, message.body);
      break;
    case Stage::shares:
      status = receive_bundle(*from, message.body);
      break;
    case Stage::updates: {
      const auto masked = decode_masked_update(*session_, message.body);
      status = masked ? sum_.add(*from, *masked) : Status{masked.error()};
      break;
    }
    case Stage::signatures:
      status = receive_signature(*from, message.body);
      break;
    case Stage::opening:
      status = receive_opened(*from, message.body);
      break;
    case Stage::done:
      break;
  }
  if (status) return {};
  return Error{status.error().code, message.hospital + ": " + status.error().detail};
}

Status SecAggCollector::receive_advert(MemberIndex from, ByteView body) {
  HIPPOCRYPT_TRY(const KeyAdvert advert, decode_key_advert(*session_, body));
  HIPPOCRYPT_TRY_VOID(check_advert(*session_, from, advert));
  HIPPOCRYPT_TRY_VOID(check_order(advert.channel));
  HIPPOCRYPT_TRY_VOID(check_order(advert.mask));
  if (advert.channel == advert.mask || public_keys_.contains(advert.channel) ||
      public_keys_.contains(advert.mask)) {
    return Error{Errc::tampered, "it uses one key twice or that of another hospital"};
  }
  public_keys_.insert(advert.channel);
  public_keys_.insert(advert.mask);
  key_book_.adverts.emplace(from, advert);
  return {};
}

Status SecAggCollector::receive_bundle(MemberIndex from, ByteView body) {
  HIPPOCRYPT_TRY(SealedShares bundle, decode_bundle(*session_, body));
  Members others = keys_of(key_book_.adverts);
  others.erase(from);
  if (keys_of(bundle.shares) != others) {
    return Error{Errc::mismatch, "its shares are not for all others of the key book"};
  }
  bundles_.emplace(from, std::move(bundle));
  return {};
}

Status SecAggCollector::receive_signature(MemberIndex from, ByteView body) {
  HIPPOCRYPT_TRY(const SurvivorSignature message, decode_signature(*session_, body));
  const Bytes statement = survivor_statement(*session_, key_book_hash_, sharers_, survivors_);
  if (!is_signed_by(session_->roster()[from].identity, statement, message.signature)) {
    return Error{Errc::tampered, "its signature is not on the survivors that it was told"};
  }
  signatures_.emplace(from, message.signature);
  return {};
}

Status SecAggCollector::receive_opened(MemberIndex from, ByteView body) {
  HIPPOCRYPT_TRY(UnmaskShares shares, decode_unmask_shares(*session_, body));
  HIPPOCRYPT_TRY_VOID(check_shares(*session_, sharers_, survivors_, shares));
  opened_.emplace(from, std::move(shares));
  return {};
}

Members SecAggCollector::missing() const {
  switch (stage_) {
    case Stage::keys:
      return without(participants_, key_book_.adverts);
    case Stage::shares:
      return without(keys_of(key_book_.adverts), bundles_);
    case Stage::updates:
      return without(sharers_, sum_.updates());
    case Stage::signatures:
      return without(survivors_, signatures_);
    case Stage::opening:
      return without(signers_, opened_);
    case Stage::done:
      break;
  }
  return {};
}

std::size_t SecAggCollector::arrived() const {
  switch (stage_) {
    case Stage::keys:
      return key_book_.adverts.size();
    case Stage::shares:
      return bundles_.size();
    case Stage::updates:
      return sum_.updates().size();
    case Stage::signatures:
      return signatures_.size();
    case Stage::opening:
      return opened_.size();
    case Stage::done:
      break;
  }
  return 0;
}

std::size_t SecAggCollector::needed() const {
  return stage_ < Stage::signatures ? session_->params().smallest_sum()
                                    : session_->params().threshold();
}

std::set<std::string> SecAggCollector::awaited() const {
  const auto names = names_of(missing());
  return {names.begin(), names.end()};
}

PhaseKind SecAggCollector::phase() const {
  if (stage_ < Stage::updates) return PhaseKind::setup;
  return stage_ == Stage::updates ? PhaseKind::updates : PhaseKind::unmask;
}

std::vector<std::string> SecAggCollector::contributors() const {
  return names_of(keys_of(sum_.updates()));
}

bool SecAggCollector::can_go_on() const { return arrived() >= needed(); }

Result<Contributions> SecAggCollector::take() {
  HIPPOCRYPT_CHECK(stage_ == Stage::done && !survivors_.empty());
  Contributions all;
  all.round = session_->place().round;
  all.summed = true;
  all.hospitals = names_of(survivors_);
  for (const MemberIndex member : survivors_) {
    all.weights.push_back(session_->roster()[member].weight);
  }
  all.updates.push_back(std::move(mean_));
  return all;
}

const std::string& SecAggCollector::name_of(MemberIndex member) const {
  return setup_->roster->operator[](member).name;
}

std::vector<std::string> SecAggCollector::names_of(const Members& members) const {
  std::vector<std::string> names;
  for (const MemberIndex member : members) names.push_back(name_of(member));
  return names;
}

Outgoing SecAggCollector::outgoing(MemberIndex to, RoundMessageKind kind, Bytes body) const {
  const auto& place = session_->place();
  return {name_of(to), {name_of(to), place.round, place.attempt, kind, std::move(body)}};
}

JournalEntry SecAggCollector::entry(JournalKind kind, Bytes body) const {
  const auto& place = session_->place();
  return {place.round, place.attempt, static_cast<std::uint32_t>(kind), std::move(body)};
}

}  // namespace hippocrypt::federation::secagg
