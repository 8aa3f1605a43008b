#include "tests/federation/simulator/secagg_talk.hpp"

#include "federation/secagg/common/fixed_point.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::federation::simulator {

SecAggWorld::SecAggWorld(const Scenario& scenario)
    : setup{secagg::Params::create({.weights = {1, 1, 1}}).value(), nullptr, "simulated",
            update_values, 1} {
  test_support::SeededRandom random{scenario.seed};
  secagg::ParamsLiteral literal;
  literal.range = 32;
  std::vector<secagg::Member> members;
  for (std::uint32_t i = 0; i < scenario.hospitals; ++i) {
    const std::uint32_t weight = weight_of(scenario, i);
    identities.push_back(
        std::make_shared<const secagg::IdentityKey>(secagg::IdentityKey::create(random)));
    members.push_back({"h" + std::to_string(i), identities.back()->public_part(), weight});
    literal.weights.push_back(weight);
  }
  setup.params = secagg::Params::create(literal).value();
  setup.roster =
      std::make_shared<const secagg::Roster>(secagg::Roster::create(std::move(members)).value());
}

SecAggTalk::SecAggTalk(std::shared_ptr<const SecAggWorld> world, std::uint64_t seed,
                       std::uint32_t index)
    : world_{std::move(world)}, seed_{seed}, index_{index}, name_{"h" + std::to_string(index)} {}

RoundMessage SecAggTalk::said(RoundMessageKind kind, Bytes body) const {
  return {name_, journal_.round, journal_.attempt, kind, std::move(body)};
}

/// From the journal, as after a restart. What it answers then it has answered before.
void SecAggTalk::rebuild() {
  if (client_) return;
  const auto& setup = world_->setup;
  auto session = secagg::Session::create(setup.params, setup.roster,
                                         {setup.run, journal_.round, journal_.attempt});
  test_support::SeededRandom random{((seed_ * 1009 + index_) * 100003 + journal_.round) * 101 +
                                    journal_.attempt};
  SecretBytes root(32);
  random.fill(root.reveal());
  client_.emplace(secagg::SecAggClient::create(std::move(session).value(), name_,
                                               world_->identities.at(index_), std::move(root))
                      .value());
  if (!journal_.key_book.empty()) (void)client_->on_key_book(journal_.key_book).value();
  if (!journal_.share_book.empty()) client_->on_share_book(journal_.share_book).value();
  if (!journal_.masked.empty()) client_->restore_masked(sha256(journal_.masked)).value();
  if (!journal_.survivors.empty()) (void)client_->on_survivors(journal_.survivors).value();
}

RoundMessage SecAggTalk::begin(std::uint32_t round, std::uint32_t attempt) {
  if (journal_.round != round || journal_.attempt != attempt) {
    journal_ = {round, attempt, {}, {}, {}, {}};
    client_.reset();
  }
  rebuild();
  return said(RoundMessageKind::key_advert, client_->advert());
}

std::optional<RoundMessage> SecAggTalk::hear(const RoundMessage& message) {
  rebuild();
  // What comes in the wrong order is refused, and comes again when the hospital is reminded.
  if (message.kind == RoundMessageKind::key_book) {
    auto bundle = client_->on_key_book(message.body);
    if (!bundle) return std::nullopt;
    journal_.key_book = message.body;
    return said(RoundMessageKind::share_bundle, std::move(bundle).value());
  }
  if (message.kind == RoundMessageKind::share_book) {
    if (client_->on_share_book(message.body)) journal_.share_book = message.body;
    return std::nullopt;
  }
  if (message.kind == RoundMessageKind::survivors) {
    auto signature = client_->on_survivors(message.body);
    if (!signature) return std::nullopt;
    journal_.survivors = message.body;
    return said(RoundMessageKind::signature, std::move(signature).value());
  }
  auto shares = client_->on_signatures(message.body);
  if (!shares) return std::nullopt;
  return said(RoundMessageKind::unmask_shares, std::move(shares).value());
}

std::optional<RoundMessage> SecAggTalk::mask(const std::vector<float>& values) {
  rebuild();
  if (journal_.share_book.empty()) return std::nullopt;
  if (journal_.masked.empty()) {
    const auto weight = world_->setup.params.weights().at(index_);
    const auto encoded = secagg::encode(values, weight, world_->setup.params).value();
    journal_.masked = client_->mask(encoded.words.reveal()).value();
  }
  return said(RoundMessageKind::masked_update, journal_.masked);
}

}  // namespace hippocrypt::federation::simulator
