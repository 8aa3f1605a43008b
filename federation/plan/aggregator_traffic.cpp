#include "federation/plan/aggregator_traffic.hpp"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/common/round_vector.hpp"
#include "federation/secagg/common/configured.hpp"
#include "federation/secagg/common/messages.hpp"
#include "federation/secagg/common/session.hpp"

namespace hippocrypt::federation {
namespace {

using secagg::MemberIndex;

/// A session whose messages have the sizes of the run's.
Result<std::shared_ptr<const secagg::Session>> sample_session(const FederationConfig& config) {
  std::vector<secagg::Member> members;
  for (const HospitalConfig& hospital : config.hospitals) {
    secagg::Member member{hospital.name, {}, hospital.weight};
    const std::uint64_t number = members.size() + 1;  // identities differ
    member.identity[0] = static_cast<std::uint8_t>(number);
    member.identity[1] = static_cast<std::uint8_t>(number >> 8U);
    members.push_back(std::move(member));
  }
  HIPPOCRYPT_TRY(auto params, secagg::params_of(config));
  HIPPOCRYPT_TRY(auto roster, secagg::Roster::create(std::move(members)));
  return secagg::Session::create(std::move(params),
                                 std::make_shared<const secagg::Roster>(std::move(roster)),
                                 {config.run.name, 1, 1});
}

/// An entry for each of the first `count` members but `without`.
template <class Entry>
std::map<MemberIndex, Entry> entries(std::size_t count, std::optional<std::size_t> without = {}) {
  std::map<MemberIndex, Entry> all;
  for (std::size_t i = 0; i < count; ++i) {
    if (i != without) all.emplace(static_cast<MemberIndex>(i), Entry{});
  }
  return all;
}

secagg::Survivors everybody(std::size_t count) {
  secagg::Survivors all;
  for (std::size_t i = 0; i < count; ++i) all.members.insert(static_cast<MemberIndex>(i));
  return all;
}

/// Of one attempt in which everybody takes part (federation/secagg says who sends what).
Traffic secagg_traffic(const secagg::Session& session, std::size_t index, std::size_t values) {
  const std::size_t count = session.roster().size();
  const auto size = [&](Bytes body) -> std::uint64_t {
    return encode(RoundMessage{session.roster()[static_cast<MemberIndex>(index)].name, 1, 1,
                               RoundMessageKind::key_advert, std::move(body)})
        .size();
  };
  const std::vector<std::uint32_t> words(values);
  const secagg::SealedShares shares{entries<secagg::SealedShare>(count, index)};
  Traffic out;
  out.up = size(encode(session, secagg::KeyAdvert{})) + size(encode_bundle(session, shares)) +
           size(encode_masked_update(session, words)) +
           size(encode(session, secagg::SurvivorSignature{})) +
           size(encode(session, secagg::UnmaskShares{entries<secagg::UnmaskShare>(count)}));
  out.down =
      size(encode(session, secagg::KeyBook{entries<secagg::KeyAdvert>(count)})) +
      size(encode_share_book(session, shares)) + size(encode(session, everybody(count))) +
      size(encode(session,
                  secagg::SignatureBook{entries<secagg::Signature>(session.params().threshold())}));
  return out;
}

RoundSummary full_summary(const FederationConfig& config) {
  RoundSummary summary;
  for (const HospitalConfig& hospital : config.hospitals) {
    summary.contributed.push_back(hospital.name);
  }
  return summary;
}

}  // namespace

Result<AggregatorTraffic> aggregator_traffic(const FederationConfig& config, std::size_t index,
                                             std::size_t trained) {
  const std::string& name = config.hospitals[index].name;
  const std::vector<float> values(round_vector_size(config.aggregation.strategy, trained));
  AggregatorTraffic out;
  RoundStart start;
  start.values = values;
  out.join.up = encode(Join{name, {}, {}}).size();
  out.round.down = encode(start).size() + encode(full_summary(config)).size();
  out.finish.down = encode(FinalAdapter{values}).size();
  out.heartbeat = encode(Heartbeat{name, 1, 1}).size();
  if (config.masks_sums()) {
    HIPPOCRYPT_TRY(const auto session, sample_session(config));
    out.round += secagg_traffic(*session, index, values.size());
    out.round_frames = {5, 6};
    return out;
  }
  Update update;
  update.hospital = name;
  update.values = values;
  out.round.up = encode(update).size();
  out.round_frames = {1, 2};
  return out;
}

}  // namespace hippocrypt::federation
