#pragma once
// Who aggregates what: the roster of a run, and one attempt of one round.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/secagg/common/params.hpp"
#include "federation/secagg/common/shamir.hpp"
#include "federation/secagg/common/signatures.hpp"

namespace hippocrypt::federation::secagg {

/// A hospital's place in the roster, from 0. Messages name hospitals by it.
using MemberIndex = std::uint16_t;

struct Member {
  std::string name;
  PublicIdentity identity{};
  std::uint32_t weight = 1;  ///< public
};

/// All hospitals of a run, in the order that everybody uses.
class Roster {
 public:
  /// Errors: invalid_config (empty, more than 255, an empty name, one name, one identity twice).
  static Result<Roster> create(std::vector<Member> members);

  std::size_t size() const { return members_.size(); }
  const Member& operator[](MemberIndex index) const { return members_.at(index); }
  /// Nothing for a stranger.
  std::optional<MemberIndex> index_of(std::string_view name) const;
  Hash256 hash() const;

 private:
  explicit Roster(std::vector<Member> members) : members_{std::move(members)} {}
  std::vector<Member> members_;
};

/// Where a member's shares lie.
constexpr SharePoint point_of(MemberIndex member) { return static_cast<SharePoint>(member + 1); }

/// What makes one attempt different from every other; immutable.
class Session {
 public:
  struct Place {
    std::string run;
    std::uint32_t round = 1;    ///< from 1
    std::uint32_t attempt = 1;  ///< from 1, within the round
  };
  /// Errors: mismatch (params and roster are not of the same hospitals).
  static Result<std::shared_ptr<const Session>> create(Params params,
                                                       std::shared_ptr<const Roster> roster,
                                                       Place place);

  const Params& params() const { return params_; }
  const Roster& roster() const { return *roster_; }
  const Place& place() const { return place_; }
  /// Of everything above. Every message carries it, every key and signature is bound to it.
  const Hash256& hash() const { return hash_; }

 private:
  Session(Params params, std::shared_ptr<const Roster> roster, Place place);
  Params params_;
  std::shared_ptr<const Roster> roster_;
  Place place_;
  Hash256 hash_{};
};

}  // namespace hippocrypt::federation::secagg
