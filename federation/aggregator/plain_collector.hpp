#pragma once
// Gathers updates in the clear: one phase, one update a hospital. For federations without secure
// aggregation, which robust strategies need.

#include <map>

#include "federation/aggregator/collector.hpp"

namespace hippocrypt::federation {

class PlainCollector : public Collector {
 public:
  /// `weights` of every hospital that may take part; `size` values an update (d).
  PlainCollector(std::map<std::string, std::uint32_t> weights, std::size_t size)
      : weights_{std::move(weights)}, size_{size} {}

  std::vector<Outgoing> begin(std::uint32_t round, std::uint32_t attempt,
                              const std::vector<std::string>& participants) override;
  /// It persists nothing, as hospitals keep their updates. Errors: mismatch (there are entries).
  Status restore(std::uint32_t round, std::uint32_t attempt,
                 const std::vector<std::string>& participants,
                 std::span<const JournalEntry> entries) override;
  /// Errors: stale, mismatch (another length), not_finite.
  Status receive_update(Update update) override;
  std::set<std::string> awaited() const override { return awaited_; }
  PhaseKind phase() const override { return PhaseKind::updates; }
  std::vector<std::string> contributors() const override;
  bool can_go_on() const override { return !updates_.empty(); }
  PhaseResult close_phase() override;
  std::vector<Outgoing> remind(const std::string&) const override { return {}; }
  /// Has no errors.
  Result<Contributions> take() override;

 private:
  std::map<std::string, std::uint32_t> weights_;
  std::size_t size_;
  std::uint32_t round_ = 0;
  std::vector<std::string> participants_;
  std::set<std::string> awaited_;
  std::map<std::string, std::vector<float>> updates_;
};

}  // namespace hippocrypt::federation
