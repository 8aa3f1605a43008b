#include "federation/secagg/aggregator/share_search.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace hippocrypt::federation::secagg {
namespace {

std::vector<SharePoint> points_of(const std::vector<MemberIndex>& members) {
  std::vector<SharePoint> points(members.size());
  std::transform(members.begin(), members.end(), points.begin(), point_of);
  return points;
}

std::vector<const ShareBytes*> shares_of(const std::vector<MemberIndex>& members,
                                         const ShareSearch::ShareOf& share_of) {
  std::vector<const ShareBytes*> shares;
  for (const MemberIndex member : members) shares.push_back(&share_of(member));
  return shares;
}

}  // namespace

ShareSearch::ShareSearch(std::vector<MemberIndex> answered, std::size_t threshold)
    : answered_{std::move(answered)}, threshold_{threshold} {
  HIPPOCRYPT_CHECK(threshold_ >= 1 && answered_.size() >= threshold_);
  use_first();
}

void ShareSearch::use_first() {
  std::stable_partition(answered_.begin(), answered_.end(),
                        [&](MemberIndex member) { return !faulty_.contains(member); });
  const Choice first{answered_.begin(),
                     answered_.begin() + static_cast<std::ptrdiff_t>(threshold_)};
  first_.emplace(points_of(first), SharePoint{0});
}

std::optional<SecretBytes> ShareSearch::find(const ShareOf& share_of, const IsRight& is_right) {
  const Choice first{answered_.begin(),
                     answered_.begin() + static_cast<std::ptrdiff_t>(threshold_)};
  SecretBytes secret = first_->combine(shares_of(first, share_of));
  if (is_right(secret)) return secret;
  return search(share_of, is_right);
}

std::optional<SecretBytes> ShareSearch::attempt(const Choice& choice, const ShareOf& share_of,
                                                const IsRight& is_right) const {
  SecretBytes secret =
      Interpolation{points_of(choice), SharePoint{0}}.combine(shares_of(choice, share_of));
  if (is_right(secret)) return secret;
  return std::nullopt;
}

std::optional<SecretBytes> ShareSearch::search(const ShareOf& share_of, const IsRight& is_right) {
  const std::size_t spare = answered_.size() - threshold_;
  const Choice first{answered_.begin(),
                     answered_.begin() + static_cast<std::ptrdiff_t>(threshold_)};
  std::optional<SecretBytes> found;
  const auto try_choice = [&](const Choice& choice) {
    if (tries_ >= max_tries) return true;
    ++tries_;
    found = attempt(choice, share_of, is_right);
    if (found) note_faulty(choice, share_of);
    return found.has_value();
  };
  for (std::size_t with = 0; with < spare; ++with) {
    for (std::size_t out = 0; out < threshold_; ++out) {
      Choice choice = first;
      choice[out] = answered_[threshold_ + with];
      if (try_choice(choice)) return found;
    }
  }
  for (std::size_t with = 0; with + 1 < spare; ++with) {
    for (std::size_t left = 0; left < threshold_; ++left) {
      for (std::size_t right = left + 1; right < threshold_; ++right) {
        Choice choice = first;
        choice[left] = answered_[threshold_ + with];
        choice[right] = answered_[threshold_ + with + 1];
        if (try_choice(choice)) return found;
      }
    }
  }
  return found;
}

// Two polynomials of degree t - 1 that both give the right secret agree in t - 2 more places at
// most. If f of m shares are not on the one that was found, any other explanation has at least
// m - f - t + 2 liars, who made theirs up together to put the blame on others. Only where that is
// more than f are the f named.
void ShareSearch::note_faulty(const Choice& right, const ShareOf& share_of) {
  const auto points = points_of(right);
  const auto shares = shares_of(right, share_of);
  Members off;
  for (const MemberIndex member : answered_) {
    if (std::find(right.begin(), right.end(), member) != right.end()) continue;
    const SecretBytes expected = Interpolation{points, point_of(member)}.combine(shares);
    const ShareBytes& got = share_of(member);
    if (!std::equal(got.begin(), got.end(), expected.reveal().begin())) off.insert(member);
  }
  if (2 * off.size() < answered_.size() - threshold_ + 2) {
    faulty_.insert(off.begin(), off.end());
    use_first();
  } else {
    has_unknown_liars_ = true;
  }
}

}  // namespace hippocrypt::federation::secagg
