#include "tests/federation/phased_collector.hpp"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.hpp"

namespace hippocrypt::federation {
namespace {

RoundMessageKind kind_of(PhaseKind phase) {
  switch (phase) {
    case PhaseKind::setup:
      return RoundMessageKind::key_advert;
    case PhaseKind::updates:
      return RoundMessageKind::masked_update;
    case PhaseKind::unmask:
      break;
  }
  return RoundMessageKind::unmask_shares;
}

}  // namespace

std::vector<Outgoing> PhasedCollector::begin(std::uint32_t round, std::uint32_t attempt,
                                             const std::vector<std::string>& participants) {
  round_ = round;
  attempt_ = attempt;
  members_ = participants;
  sum_.assign(size_, 0);
  enter(PhaseKind::setup);
  return {};
}

void PhasedCollector::enter(PhaseKind phase) {
  phase_ = phase;
  awaited_ = {members_.begin(), members_.end()};
  answered_ = 0;
}

Status PhasedCollector::restore(std::uint32_t round, std::uint32_t attempt,
                                const std::vector<std::string>& participants,
                                std::span<const JournalEntry> entries) {
  begin(round, attempt, participants);
  for (const auto& entry : entries) {
    if (entry.round != round || entry.attempt != attempt) {
      return Error{Errc::mismatch, "an entry of another attempt"};
    }
    ByteReader reader{entry.body};
    HIPPOCRYPT_TRY(const auto count, reader.read<std::uint32_t>());
    members_.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      HIPPOCRYPT_TRY(const auto length, reader.read<std::uint32_t>());
      HIPPOCRYPT_TRY(const ByteView name, reader.take(length));
      members_.emplace_back(name.begin(), name.end());
    }
    if (entry.kind == Entry::sum) {
      HIPPOCRYPT_TRY(const ByteView raw, reader.take(size_ * sizeof(float)));
      std::memcpy(sum_.data(), raw.data(), raw.size());
      contributed_ = {members_.begin(), members_.end()};
    }
    enter(entry.kind == Entry::book ? PhaseKind::updates : PhaseKind::unmask);
  }
  return {};
}

Status PhasedCollector::receive(RoundMessage message) {
  if (message.kind != kind_of(phase_) || awaited_.count(message.hospital) == 0) {
    return Error{Errc::stale, message.hospital + ": not awaited"};
  }
  if (phase_ == PhaseKind::updates) {
    if (message.body.size() != size_ * sizeof(float)) {
      return Error{Errc::malformed, message.hospital + ": a masked update of another length"};
    }
    std::vector<float> values(size_);
    std::memcpy(values.data(), message.body.data(), message.body.size());
    for (std::size_t i = 0; i < size_; ++i) sum_[i] += values[i];
    contributed_.insert(message.hospital);
  }
  awaited_.erase(message.hospital);
  ++answered_;
  return {};
}

std::vector<std::string> PhasedCollector::contributors() const {
  std::vector<std::string> names;
  std::copy_if(members_.begin(), members_.end(), std::back_inserter(names),
               [this](const auto& name) { return contributed_.count(name) == 1; });
  return names;
}

JournalEntry PhasedCollector::entry_of(Entry kind) const {
  ByteWriter writer;
  writer.write(static_cast<std::uint32_t>(members_.size()));
  for (const auto& name : members_) {
    writer.write(static_cast<std::uint32_t>(name.size()));
    writer.append(as_bytes(name));
  }
  if (kind == Entry::sum) {
    writer.append({reinterpret_cast<const std::uint8_t*>(sum_.data()), size_ * sizeof(float)});
  }
  return {round_, attempt_, kind, std::move(writer).take()};
}

std::vector<Outgoing> PhasedCollector::send_all(RoundMessageKind kind) const {
  std::vector<Outgoing> all;
  for (const auto& name : members_) all.push_back(outgoing(name, kind));
  return all;
}

Outgoing PhasedCollector::outgoing(const std::string& to, RoundMessageKind kind) const {
  Bytes names;
  for (const auto& name : members_) names.insert(names.end(), name.begin(), name.end());
  return {to, {to, round_, attempt_, kind, std::move(names)}};
}

PhaseResult PhasedCollector::close_phase() {
  PhaseResult result;
  if (!can_go_on()) {
    result.void_reason = "fewer than the threshold";
  } else if (phase_ == PhaseKind::unmask) {
    awaited_.clear();
    result.done = true;
  } else {
    const bool updates = phase_ == PhaseKind::updates;
    std::erase_if(members_, [this](const auto& name) { return awaited_.count(name) == 1; });
    result.persist_first = entry_of(updates ? Entry::sum : Entry::book);
    result.send = send_all(updates ? RoundMessageKind::survivors : RoundMessageKind::key_book);
    enter(updates ? PhaseKind::unmask : PhaseKind::updates);
  }
  return result;
}

std::vector<Outgoing> PhasedCollector::remind(const std::string& hospital) const {
  if (awaited_.count(hospital) == 0 || phase_ == PhaseKind::setup) return {};
  const auto kind =
      phase_ == PhaseKind::updates ? RoundMessageKind::key_book : RoundMessageKind::survivors;
  return {outgoing(hospital, kind)};
}

Result<Contributions> PhasedCollector::take() {
  Contributions all;
  all.round = round_;
  all.summed = true;
  all.hospitals = contributors();
  all.weights.assign(all.hospitals.size(), 1);
  for (float& value : sum_) value /= static_cast<float>(all.hospitals.size());
  all.updates.push_back(std::move(sum_));
  return all;
}

RoundMessage PhasedCollector::message_of(const std::string& hospital, std::uint32_t round,
                                         std::uint32_t attempt, RoundMessageKind kind,
                                         const std::vector<float>& values) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
  return {hospital, round, attempt, kind, Bytes(bytes, bytes + values.size() * sizeof(float))};
}

}  // namespace hippocrypt::federation
