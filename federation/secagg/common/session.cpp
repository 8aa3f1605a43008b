#include "federation/secagg/common/session.hpp"

#include <set>

namespace hippocrypt::federation::secagg {

Result<Roster> Roster::create(std::vector<Member> members) {
  if (members.empty() || members.size() > max_hospitals) {
    return Error{Errc::invalid_config, "a roster has 1 to " + std::to_string(max_hospitals) +
                                           " hospitals, not " + std::to_string(members.size())};
  }
  std::set<std::string_view> names;
  std::set<PublicIdentity> identities;
  for (const Member& member : members) {
    if (member.name.empty()) {
      return Error{Errc::invalid_config, "a hospital in the roster has no name"};
    }
    if (!names.insert(member.name).second) {
      return Error{Errc::invalid_config, member.name + " is in the roster twice"};
    }
    if (!identities.insert(member.identity).second) {
      return Error{Errc::invalid_config,
                   member.name +
                       " has the identity key of another hospital in the roster; every "
                       "hospital makes its own"};
    }
  }
  return Roster{std::move(members)};
}

std::optional<MemberIndex> Roster::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].name == name) return static_cast<MemberIndex>(i);
  }
  return std::nullopt;
}

Hash256 Roster::hash() const {
  Sha256 hash;
  hash.add_field("hippocrypt secagg roster 1").add_u64(members_.size());
  for (const Member& member : members_) {
    hash.add_field(member.name).add_field(ByteView{member.identity}).add_u64(member.weight);
  }
  return hash.finish();
}

Session::Session(Params params, std::shared_ptr<const Roster> roster, Place place)
    : params_{std::move(params)}, roster_{std::move(roster)}, place_{std::move(place)} {
  Sha256 hash;
  hash.add_field("hippocrypt secagg session 1").add_field(place_.run);
  hash.add_u64(place_.round).add_u64(place_.attempt);
  hash.add_field(ByteView{roster_->hash()}).add_field(ByteView{params_.fingerprint()});
  hash_ = hash.finish();
}

Result<std::shared_ptr<const Session>> Session::create(Params params,
                                                       std::shared_ptr<const Roster> roster,
                                                       Place place) {
  bool agree = params.hospitals() == roster->size();
  for (std::size_t i = 0; agree && i < roster->size(); ++i) {
    agree = params.weights()[i] == (*roster)[static_cast<MemberIndex>(i)].weight;
  }
  if (!agree) {
    return Error{Errc::mismatch,
                 "the parameters of secure aggregation were made for other hospitals or weights "
                 "than the roster's"};
  }
  return std::shared_ptr<const Session>{
      new Session{std::move(params), std::move(roster), std::move(place)}};
}

}  // namespace hippocrypt::federation::secagg
