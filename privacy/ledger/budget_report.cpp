#include "privacy/ledger/budget_report.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "privacy/accounting/overflow.hpp"

namespace hippocrypt::privacy {
namespace {

/// Whether `entry` pays for another lot of the round that is shown.
bool goes_on(const BudgetReportRow& shown, const LedgerEntry& entry) {
  return shown.run == entry.run && shown.hospital == entry.hospital && shown.round == entry.round &&
         shown.sampling_rate == entry.sampling_rate &&
         shown.noise_multiplier == entry.noise_multiplier;
}

/// What another round like the last one costs at most: all its steps with the least of its noise.
SampledGaussian last_round(const std::vector<BudgetReportRow>& rows) {
  SampledGaussian round = rows.back().event();
  for (std::size_t i = rows.size() - 1; i-- > 0 && rows[i].is_of_the_round_of(rows.back());) {
    round.steps += rows[i].steps;
    round.noise_multiplier = std::min(round.noise_multiplier, rows[i].noise_multiplier);
    round.sampling_rate = std::max(round.sampling_rate, rows[i].sampling_rate);
  }
  return round;
}

/// Fills the epsilons of all rows.
void account(std::vector<BudgetReportRow>& rows, double delta, const BudgetReportOptions& options) {
  RdpAccountant rdp;
  BudgetAccountant both{options.workspace};
  const std::size_t stride = 1 + rows.size() / std::max<std::size_t>(options.most_pld_rows, 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    BudgetReportRow& row = rows[i];
    rdp.add(row.event());
    both.add(row.event());
    row.epsilon = row.rdp = rdp.epsilon(delta).epsilon;
    const bool is_tight = (rows.size() - 1 - i) % stride == 0;
    if (!is_tight) continue;
    const SpentEpsilon spent = both.spent(delta);
    row.pld = spent.pld;
    row.epsilon = spent.epsilon;
  }
  // What was spent before a row is at most what was spent with it.
  for (std::size_t i = rows.size(); i-- > 1;) {
    if (!rows[i - 1].pld.has_value()) {
      rows[i - 1].epsilon = std::min(rows[i - 1].rdp, rows[i].epsilon);
    }
  }
}

}  // namespace

std::vector<SampledGaussian> BudgetReport::events() const {
  std::vector<SampledGaussian> events;
  for (const BudgetReportRow& row : rows) events.push_back(row.event());
  return events;
}

double delta_with_overflow(std::span<const LedgerRow> rows,
                           const std::function<bool(const LedgerEntry&)>& counts, double delta,
                           double epsilon) {
  double total = delta;
  for (const LedgerRow& row : rows) {
    if (!counts(row.entry)) continue;
    total += overflow_delta(row.entry.overflow_probability, row.entry.steps, epsilon);
  }
  return std::min(total, 1.0);
}

Result<BudgetReport> budget_report(std::span<const LedgerRow> rows, double delta, double budget,
                                   const Hash256& dataset, const BudgetReportOptions& options) {
  if (!(delta > 0.0 && delta < 1.0)) {
    return Error{Errc::out_of_range,
                 fmt::format("delta is {}; allowed is a value inside (0, 1)", delta)};
  }
  if (!(budget > 0.0)) {
    return Error{Errc::out_of_range,
                 fmt::format("the budget is {}; allowed is a value above 0, or infinity", budget)};
  }
  const auto counts = [&](const LedgerEntry& entry) {
    return entry.dataset == dataset && entry.mechanism == Mechanism::poisson_sampled_gaussian;
  };
  BudgetReport report;
  report.delta = delta;
  report.budget = budget;
  BudgetAccountant accountant{options.workspace};
  const LedgerRow* last = nullptr;
  for (const LedgerRow& row : rows) {
    const LedgerEntry& entry = row.entry;
    if (!counts(entry)) continue;
    if (last != nullptr && last->entry.unit != entry.unit) {
      return Error{Errc::mismatch,
                   fmt::format("the ledger protects patients in some rows and notes in others "
                               "(row {}); their epsilons do not add up, so report on one of them",
                               row.id)};
    }
    last = &row;
    accountant.add(entry.event());
    if (report.rows.empty() || !goes_on(report.rows.back(), entry)) {
      report.rows.push_back({row.id, entry.run, entry.hospital, entry.round, entry.sampling_rate,
                             entry.noise_multiplier, 0, entry.unix_time_s, 0, 0, std::nullopt});
    }
    BudgetReportRow& shown = report.rows.back();
    shown.id = row.id;
    shown.steps += entry.steps;
    shown.unix_time_s = entry.unix_time_s;
  }
  account(report.rows, delta, options);
  report.spent = accountant.spent(delta);
  report.steps = accountant.steps();
  report.remaining = std::max(0.0, budget - report.spent.epsilon);
  report.delta_total = delta_with_overflow(rows, counts, delta, report.spent.epsilon);
  if (last != nullptr) {
    report.unit = last->entry.unit;
    report.rounds_that_fit = accountant.rounds_that_fit(last_round(report.rows), delta, budget);
  }
  return report;
}

}  // namespace hippocrypt::privacy
