#pragma once
// The account that decides. Two upper bounds on the same epsilon are kept, the Renyi figure (RDP)
// and the tight one (PLD); the smaller counts, wherever a budget is held against it and wherever it
// is shown. The PLD is only computed where the RDP figure does not already say yes, and where it
// cannot be computed the RDP figure counts.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "privacy/accounting/pld_accountant.hpp"
#include "privacy/accounting/rdp_accountant.hpp"

namespace hippocrypt::privacy {

/// Two bounds on what was spent.
struct SpentEpsilon {
  double epsilon = 0;  ///< the smaller of both
  EpsilonAtOrder rdp{0, 0, false};
  std::optional<double> pld;  ///< nothing where it cannot be computed
  std::string pld_missing;    ///< and why
};

/// What a reader of the figures should know: why epsilon is 0, why there is no PLD figure, that the
/// best order is the grid's first or last. Sentences without a full stop.
std::vector<std::string> remarks(const SpentEpsilon& spent, std::uint64_t steps, double delta);

/// See the top. Remembers what it computed, so that asking step by step stays cheap. Not
/// thread-safe.
class BudgetAccountant {
 public:
  explicit BudgetAccountant(
      std::shared_ptr<PldWorkspace> workspace = std::make_shared<PldWorkspace>());

  void add(const SampledGaussian& event);
  std::uint64_t steps() const { return rdp_.steps(); }

  /// Both figures of everything added. Needs delta in (0, 1).
  SpentEpsilon spent(double delta);
  /// The same if `event` were added `count` more times.
  SpentEpsilon spent_with(const SampledGaussian& event, std::uint64_t count, double delta);

  /// Whether the smaller figure stays within `budget` if `event` is added. What fits after more
  /// such events is remembered: it needs no computation before they are spent.
  bool fits(const SampledGaussian& event, double delta, double budget);
  /// How many times `round` can be added before the smaller figure exceeds `budget`; at most
  /// max_counted_rounds. Above an epsilon of 50, which protects nobody, only the RDP figure is
  /// asked, which says the same or fewer.
  std::uint64_t rounds_that_fit(const SampledGaussian& round, double delta, double budget);

 private:
  /// An account that fits a budget, and so does every smaller one.
  struct Admitted {
    PldMechanisms mechanisms;
    double delta = 0;
    double budget = 0;
  };
  bool is_admitted(const PldMechanisms& planned, double delta, double budget) const;
  bool pld_fits(const SampledGaussian& event, std::uint64_t count, double delta, double budget);

  RdpAccountant rdp_;
  PldAccountant pld_;
  Admitted admitted_;
  std::uint64_t ahead_ = 16;  // how many events fits() tries at once
  std::optional<std::pair<double, SpentEpsilon>> last_spent_;  // delta, since the last add()
};

}  // namespace hippocrypt::privacy
