#include "federation/aggregator/membership.hpp"

#include <algorithm>
#include <cstdio>

#include "base/check.hpp"

namespace hippocrypt::federation {
namespace {

std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g s", seconds);
  return text.data();
}

}  // namespace

Membership::Membership(std::vector<std::string> hospitals, double grace_s)
    : hospitals_{std::move(hospitals)}, grace_s_{grace_s} {
  for (const auto& name : hospitals_) sites_.try_emplace(name);
  HIPPOCRYPT_CHECK(sites_.size() == hospitals_.size());
  HIPPOCRYPT_CHECK(!sites_.empty());
}

void Membership::join(const std::string& name, double now) {
  sites_.at(name) = {
      .joined = true, .connected = true, .withdrawn = false, .seen = now, .detail = {}};
}

void Membership::see(const std::string& name, double now) {
  auto& seen = sites_.at(name).seen;
  seen = std::max(seen, now);
}

void Membership::lose(const std::string& name, const std::string& detail) {
  Site& site = sites_.at(name);
  site.connected = false;
  if (!site.withdrawn) site.detail = detail;
}

void Membership::withdraw(const std::string& name, const std::string& detail) {
  Site& site = sites_.at(name);
  site.withdrawn = true;
  site.detail = detail;
}

std::vector<std::string> Membership::present(double now) const {
  std::vector<std::string> names;
  for (const auto& name : hospitals_) {
    const Site& site = sites_.at(name);
    if (site.joined && !site.withdrawn && !silent(name, now)) names.push_back(name);
  }
  return names;
}

bool Membership::reachable(const std::string& name) const {
  const Site& site = sites_.at(name);
  return site.joined && site.connected;
}

std::vector<std::string> Membership::reachable() const {
  std::vector<std::string> names;
  std::copy_if(hospitals_.begin(), hospitals_.end(), std::back_inserter(names),
               [this](const auto& name) { return reachable(name); });
  return names;
}

std::size_t Membership::not_withdrawn() const {
  return static_cast<std::size_t>(std::count_if(
      sites_.begin(), sites_.end(), [](const auto& entry) { return !entry.second.withdrawn; }));
}

bool Membership::everybody_joined() const {
  return std::all_of(sites_.begin(), sites_.end(), [](const auto& entry) {
    return entry.second.joined || entry.second.withdrawn;
  });
}

Absence Membership::absence_of(const std::string& name, double now,
                               const std::string& if_late) const {
  const Site& site = sites_.at(name);
  if (site.withdrawn) return {name, AbsenceCause::failed, site.detail};
  if (!site.joined && silent(name, now)) return {name, AbsenceCause::never_joined, {}};
  if (silent(name, now)) {
    std::string detail = "no sign of life for " + seconds_text(grace_s_);
    if (!site.connected && !site.detail.empty()) detail += "; " + site.detail;
    return {name, AbsenceCause::silent, std::move(detail)};
  }
  return {name, AbsenceCause::late, if_late};
}

}  // namespace hippocrypt::federation
