#include "tests/federation/secagg/rig.hpp"

#include "federation/secagg/common/fixed_point.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::federation::secagg {

Rig::Rig(Options options) : options_{options} {
  test_support::SeededRandom random{options.seed};
  ParamsLiteral literal;
  std::vector<Member> members;
  for (std::size_t i = 0; i < options.hospitals; ++i) {
    const auto weight = static_cast<std::uint32_t>(options.weighted ? 1 + i % 3 : 1);
    identities_.push_back(std::make_shared<const IdentityKey>(IdentityKey::create(random)));
    members.push_back({"hospital-" + std::to_string(i), identities_.back()->public_part(), weight});
    literal.weights.push_back(weight);
  }
  literal.colluders = options.colluders;
  literal.min_contributors = options.min_contributors;
  literal.value_bits = options.value_bits;
  setup_ = std::make_shared<const CollectorSetup>(
      CollectorSetup{Params::create(literal).value(),
                     std::make_shared<const Roster>(Roster::create(std::move(members)).value()),
                     "rig", options.values, 2});
}

std::vector<std::string> Rig::names() const {
  std::vector<std::string> names;
  for (const MemberIndex member : everybody()) names.push_back(name(member));
  return names;
}

Members Rig::everybody() const {
  Members members;
  for (std::size_t i = 0; i < size(); ++i) members.insert(static_cast<MemberIndex>(i));
  return members;
}

std::shared_ptr<const Session> Rig::session(std::uint32_t round, std::uint32_t attempt) const {
  return Session::create(setup_->params, setup_->roster, {setup_->run, round, attempt}).value();
}

SecretBytes Rig::root(MemberIndex member, std::uint32_t round, std::uint32_t attempt) const {
  test_support::SeededRandom random{options_.seed * 1000003 + member * 10007 + round * 101 +
                                    attempt};
  SecretBytes root(32);
  random.fill(root.reveal());
  return root;
}

SecAggClient Rig::client(MemberIndex member, std::uint32_t round, std::uint32_t attempt) const {
  return SecAggClient::create(session(round, attempt), name(member), identities_.at(member),
                              root(member, round, attempt))
      .value();
}

std::unique_ptr<Collector> Rig::collector() const { return secagg_collectors(*setup_).value()(); }

std::vector<float> Rig::update(MemberIndex member, std::uint32_t round) const {
  SeededSequence random{options_.seed + round, name(member)};
  std::vector<float> values(options_.values);
  for (float& value : values) value = static_cast<float>(random.uniform() * 16 - 8);
  return values;
}

std::vector<std::uint32_t> Rig::encoded(MemberIndex member, std::uint32_t round) const {
  const auto encoded =
      encode(update(member, round), (*setup_->roster)[member].weight, params()).value();
  return {encoded.words.reveal().begin(), encoded.words.reveal().end()};
}

std::vector<std::uint32_t> Rig::plain_sum(const Members& members, std::uint32_t round) const {
  std::vector<std::uint32_t> sum(options_.values, 0);
  for (const MemberIndex member : members) {
    const auto words = encoded(member, round);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += words[i];
  }
  return sum;
}

std::uint64_t Rig::weight_of(const Members& members) const {
  std::uint64_t weight = 0;
  for (const MemberIndex member : members) weight += (*setup_->roster)[member].weight;
  return weight;
}

Play::Play(const Rig& rig, std::uint32_t round, std::uint32_t attempt)
    : rig_{rig}, round_{round}, attempt_{attempt}, collector_{rig.collector()} {
  for (const MemberIndex member : rig.everybody()) {
    clients_.push_back(rig.client(member, round, attempt));
  }
  EXPECT_TRUE(collector_->begin(round, attempt, rig.names()).empty());
}

RoundMessage Play::said_by(MemberIndex member, RoundMessageKind kind, Bytes body) const {
  return {rig_.name(member), round_, attempt_, kind, std::move(body)};
}

std::optional<RoundMessage> Play::reply(const Outgoing& outgoing) {
  const MemberIndex member = *rig_.setup().roster->index_of(outgoing.to);
  SecAggClient& client = clients_.at(member);
  const Bytes& body = outgoing.message.body;
  switch (outgoing.message.kind) {
    case RoundMessageKind::key_book:
      return said_by(member, RoundMessageKind::share_bundle, client.on_key_book(body).value());
    case RoundMessageKind::share_book:
      client.on_share_book(body).value();
      return said_by(member, RoundMessageKind::masked_update,
                     client.mask(rig_.encoded(member, round_)).value());
    case RoundMessageKind::survivors:
      return said_by(member, RoundMessageKind::signature, client.on_survivors(body).value());
    case RoundMessageKind::signature_book:
      return said_by(member, RoundMessageKind::unmask_shares, client.on_signatures(body).value());
    case RoundMessageKind::key_advert:
    case RoundMessageKind::share_bundle:
    case RoundMessageKind::masked_update:
    case RoundMessageKind::signature:
    case RoundMessageKind::unmask_shares:
      break;
  }
  return std::nullopt;
}

void Play::answer(const Members& silent) {
  silent_.insert(silent.begin(), silent.end());
  std::vector<RoundMessage> answers;
  if (!advertised_) {
    advertised_ = true;
    for (const MemberIndex member : rig_.everybody()) {
      if (silent_.contains(member)) continue;
      answers.push_back(
          said_by(member, RoundMessageKind::key_advert, clients_.at(member).advert()));
    }
  }
  for (const Outgoing& outgoing : pending_) {
    if (silent_.contains(*rig_.setup().roster->index_of(outgoing.to))) continue;
    answers.push_back(reply(outgoing).value());
  }
  pending_.clear();
  for (RoundMessage& answer : answers) {
    transcript_.push_back(answer);
    const Status status = collector_->receive(std::move(answer));
    EXPECT_TRUE(status.has_value()) << (status ? "" : to_string(status.error()));
  }
}

PhaseResult Play::close() {
  PhaseResult result = collector_->close_phase();
  if (result.persist_first) journal_.push_back(*result.persist_first);
  pending_ = result.send;
  return result;
}

void Play::advance(int phases) {
  for (int i = 0; i < phases; ++i) {
    answer();
    EXPECT_TRUE(collector_->awaited().empty());
    EXPECT_EQ(close().void_reason, "");
  }
}

const Bytes& Play::pending_for(MemberIndex member) const {
  for (const Outgoing& outgoing : pending_) {
    if (outgoing.to == rig_.name(member)) return outgoing.message.body;
  }
  static const Bytes none;
  ADD_FAILURE() << "nothing is to be sent to " << rig_.name(member);
  return none;
}

}  // namespace hippocrypt::federation::secagg
