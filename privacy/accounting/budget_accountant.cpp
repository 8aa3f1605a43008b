#include "privacy/accounting/budget_accountant.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace hippocrypt::privacy {
namespace {

constexpr double largest_counted_epsilon = 50.0;

SpentEpsilon both(const EpsilonAtOrder& rdp, const Result<double>& pld) {
  SpentEpsilon spent;
  spent.rdp = rdp;
  spent.epsilon = rdp.epsilon;
  if (!pld.has_value()) {
    spent.pld_missing = pld.error().detail;
    return spent;
  }
  spent.pld = *pld;
  spent.epsilon = std::min(spent.epsilon, *pld);
  return spent;
}

}  // namespace

std::vector<std::string> remarks(const SpentEpsilon& spent, std::uint64_t steps, double delta) {
  std::vector<std::string> lines;
  if (spent.epsilon == 0.0 && steps > 0) {
    lines.push_back(fmt::format(
        "epsilon is 0 although {} steps were taken: with so much noise and so rare sampling, one "
        "unit changes the probability of any outcome by less than delta, {:g}, in all",
        steps, delta));
  }
  if (!spent.pld.has_value() && !spent.pld_missing.empty()) {
    lines.push_back("no PLD figure: " + spent.pld_missing);
  }
  if (spent.rdp.at_grid_edge && steps > 0) {
    lines.push_back(
        fmt::format("the best Renyi order, {:g}, is the first or last of the grid: the RDP figure "
                    "is valid, and other orders may give a lower one",
                    spent.rdp.order));
  }
  return lines;
}

BudgetAccountant::BudgetAccountant(std::shared_ptr<PldWorkspace> workspace)
    : pld_{std::move(workspace)} {}

void BudgetAccountant::add(const SampledGaussian& event) {
  rdp_.add(event);
  pld_.add(event);
  last_spent_.reset();
}

SpentEpsilon BudgetAccountant::spent(double delta) {
  if (!last_spent_.has_value() || last_spent_->first != delta) {
    last_spent_ = std::pair{delta, both(rdp_.epsilon(delta), pld_.epsilon(delta))};
  }
  return last_spent_->second;
}

SpentEpsilon BudgetAccountant::spent_with(const SampledGaussian& event, std::uint64_t count,
                                          double delta) {
  return both(rdp_.epsilon_with(event, count, delta), pld_.epsilon_with(event, count, delta));
}

bool BudgetAccountant::is_admitted(const PldMechanisms& planned, double delta,
                                   double budget) const {
  if (admitted_.delta != delta || admitted_.budget > budget) return false;
  return std::all_of(planned.begin(), planned.end(), [&](const auto& entry) {
    const auto found = admitted_.mechanisms.find(entry.first);
    return found != admitted_.mechanisms.end() && entry.second <= found->second;
  });
}

bool BudgetAccountant::pld_fits(const SampledGaussian& event, std::uint64_t count, double delta,
                                double budget) {
  const Result<double> epsilon = pld_.epsilon_with(event, count, delta);
  if (!epsilon.has_value() || *epsilon > budget) return false;
  admitted_ = {pld_.with(event, count), delta, budget};
  return true;
}

bool BudgetAccountant::fits(const SampledGaussian& event, double delta, double budget) {
  if (rdp_.epsilon_with(event, 1, delta).epsilon <= budget) return true;
  if (is_admitted(pld_.with(event, 1), delta, budget)) return true;
  // Near the end of the budget fewer and fewer events are tried at once.
  while (ahead_ > 1) {
    if (pld_fits(event, ahead_, delta, budget)) return true;
    ahead_ /= 2;
  }
  return pld_fits(event, 1, delta, budget);
}

std::uint64_t BudgetAccountant::rounds_that_fit(const SampledGaussian& round, double delta,
                                                double budget) {
  const std::uint64_t by_rdp = rdp_.rounds_that_fit(round, delta, budget);
  if (by_rdp >= max_counted_rounds || budget > largest_counted_epsilon) return by_rdp;
  const auto epsilon_after = [&](std::uint64_t count) {
    const Result<double> epsilon = pld_.epsilon_with(round, count, delta);
    return epsilon.has_value() ? *epsilon : std::numeric_limits<double>::infinity();
  };
  std::uint64_t fitting = by_rdp;
  double fitting_epsilon = epsilon_after(std::max<std::uint64_t>(by_rdp, 1));
  if (fitting_epsilon > budget) return by_rdp;
  fitting = std::max<std::uint64_t>(by_rdp, 1);
  // Up from there: epsilon grows nearly linearly, so a straight line finds the place in few tries.
  std::uint64_t failing = fitting + std::max<std::uint64_t>(fitting / 4, 1);
  double failing_epsilon = epsilon_after(failing);
  while (failing_epsilon <= budget) {
    if (failing >= max_counted_rounds) return max_counted_rounds;
    fitting = failing;
    fitting_epsilon = failing_epsilon;
    failing = std::min(2 * failing, max_counted_rounds);
    failing_epsilon = epsilon_after(failing);
  }
  for (int tries = 0; failing - fitting > 1; ++tries) {
    const std::uint64_t gap = failing - fitting;
    const double slope = (failing_epsilon - fitting_epsilon) / static_cast<double>(gap);
    const double guess = (budget - fitting_epsilon) / slope;
    const bool is_line = tries % 3 != 2 && std::isfinite(guess);
    const std::uint64_t step = is_line ? static_cast<std::uint64_t>(std::max(guess, 0.0)) : gap / 2;
    const std::uint64_t middle = fitting + std::clamp<std::uint64_t>(step, 1, gap - 1);
    const double epsilon = epsilon_after(middle);
    (epsilon <= budget ? fitting : failing) = middle;
    (epsilon <= budget ? fitting_epsilon : failing_epsilon) = epsilon;
  }
  return fitting;
}

}  // namespace hippocrypt::privacy
