#include "federation/aggregator/plain_collector.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::federation {

std::vector<Outgoing> PlainCollector::begin(std::uint32_t round, std::uint32_t /*attempt*/,
                                            const std::vector<std::string>& participants) {
  for (const auto& name : participants) HIPPOCRYPT_CHECK(weights_.count(name) == 1, name);
  round_ = round;
  participants_ = participants;
  awaited_ = {participants.begin(), participants.end()};
  return {};
}

Status PlainCollector::restore(std::uint32_t round, std::uint32_t attempt,
                               const std::vector<std::string>& participants,
                               std::span<const JournalEntry> entries) {
  if (!entries.empty()) {
    return Error{Errc::mismatch,
                 "the journal holds messages of secure aggregation, which this federation does not "
                 "use; resume with the configuration that the run began with"};
  }
  begin(round, attempt, participants);
  return {};
}

Status PlainCollector::receive_update(Update update) {
  const auto& name = update.hospital;
  if (awaited_.count(name) == 0) {
    return Error{Errc::stale, name + ": its update is there already, or nobody waits for it"};
  }
  if (update.values.size() != size_) {
    return Error{Errc::mismatch, name + ": sent " + std::to_string(update.values.size()) +
                                     " values; the adapter has " + std::to_string(size_)};
  }
  if (!std::all_of(update.values.begin(), update.values.end(),
                   [](float x) { return std::isfinite(x); })) {
    return Error{Errc::not_finite, name + ": sent a value that is no number"};
  }
  awaited_.erase(name);
  updates_[name] = std::move(update.values);
  return {};
}

std::vector<std::string> PlainCollector::contributors() const {
  std::vector<std::string> names;
  std::copy_if(participants_.begin(), participants_.end(), std::back_inserter(names),
               [this](const auto& name) { return updates_.count(name) == 1; });
  return names;
}

PhaseResult PlainCollector::close_phase() {
  awaited_.clear();
  PhaseResult result;
  result.done = !updates_.empty();
  if (!result.done) result.void_reason = "nobody contributed";
  return result;
}

Result<Contributions> PlainCollector::take() {
  Contributions all;
  all.round = round_;
  all.hospitals = contributors();
  for (const auto& name : all.hospitals) {
    all.updates.push_back(std::move(updates_.at(name)));
    all.weights.push_back(weights_.at(name));
  }
  updates_.clear();
  return all;
}

}  // namespace hippocrypt::federation
