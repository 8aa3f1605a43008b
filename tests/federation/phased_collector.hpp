#pragma once
// A collector with all the phases of secure aggregation and none of its cryptography: setup, then
// updates that it keeps only as a sum, then unmasking. For tests of the rules of rounds.

#include <map>

#include "federation/aggregator/collector.hpp"

namespace hippocrypt::federation {

class PhasedCollector : public Collector {
 public:
  /// `size` values an update, whose bodies are their float32 bytes; every phase needs `threshold`
  /// answers.
  PhasedCollector(std::size_t size, std::size_t threshold) : size_{size}, threshold_{threshold} {}

  std::vector<Outgoing> begin(std::uint32_t round, std::uint32_t attempt,
                              const std::vector<std::string>& participants) override;
  Status restore(std::uint32_t round, std::uint32_t attempt,
                 const std::vector<std::string>& participants,
                 std::span<const JournalEntry> entries) override;
  Status receive(RoundMessage message) override;
  std::set<std::string> awaited() const override { return awaited_; }
  PhaseKind phase() const override { return phase_; }
  std::vector<std::string> contributors() const override;
  bool can_go_on() const override { return answered_ >= threshold_; }
  PhaseResult close_phase() override;
  std::vector<Outgoing> remind(const std::string& hospital) const override;
  std::string note() const override { return "unmasked by " + std::to_string(answered_); }
  Result<Contributions> take() override;

  static RoundMessage message_of(const std::string& hospital, std::uint32_t round,
                                 std::uint32_t attempt, RoundMessageKind kind,
                                 const std::vector<float>& values = {});

 private:
  enum Entry : std::uint32_t { book = 1, sum = 2 };

  void enter(PhaseKind phase);
  JournalEntry entry_of(Entry kind) const;
  std::vector<Outgoing> send_all(RoundMessageKind kind) const;
  /// Its body names the members of the phase under way, as a key book or a survivor set does.
  Outgoing outgoing(const std::string& to, RoundMessageKind kind) const;

  std::size_t size_, threshold_;
  std::uint32_t round_ = 0, attempt_ = 0;
  PhaseKind phase_ = PhaseKind::setup;
  std::vector<std::string> members_;  ///< of the phase under way
  std::set<std::string> awaited_;
  std::size_t answered_ = 0;
  std::set<std::string> contributed_;
  std::vector<float> sum_;
};

}  // namespace hippocrypt::federation
