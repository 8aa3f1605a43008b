#include "privacy/dp_sgd/dp_account.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/check.hpp"
#include "privacy/ledger/budget_report.hpp"

namespace hippocrypt::privacy {

DpAccount::DpAccount(const DpSgdParams& params, Ledger& ledger, const DatasetId& dataset,
                     LedgerEntry entry_template, UnixClock clock,
                     std::shared_ptr<PldWorkspace> workspace)
    : params_{params},
      ledger_{&ledger},
      dataset_{dataset},
      template_{std::move(entry_template)},
      clock_{std::move(clock)},
      workspace_{std::move(workspace)},
      accountant_{workspace_} {}

LedgerEntry DpAccount::entry(std::uint64_t round, std::uint64_t first_step, std::uint64_t steps,
                             double clip) const {
  LedgerEntry entry = template_;
  entry.round = round;
  entry.dataset = dataset_.fingerprint;
  entry.unit = dataset_.unit;
  entry.sampling_rate = params_.sampling_rate;
  entry.noise_multiplier = params_.smallest_multiplier(first_step, steps);
  entry.clip = clip;
  entry.steps = steps;
  entry.delta = params_.delta;
  entry.overflow_probability = params_.overflow_probability;
  entry.unix_time_s = clock_();
  return entry;
}

Status DpAccount::look_at_scope() {
  if (!dataset_.scope) return {};
  HIPPOCRYPT_TRY(const bool has_changed, dataset_.scope->refresh());
  if (!has_changed) return {};
  // Rows that did not count before may count now.
  accountant_ = BudgetAccountant{workspace_};
  rows_absorbed_ = 0;
  rows_counted_ = 0;
  return {};
}

bool DpAccount::counts(const LedgerEntry& entry) const {
  if (entry.mechanism != Mechanism::poisson_sampled_gaussian) return false;  // another claim
  return entry.dataset == dataset_.fingerprint ||
         (dataset_.scope && dataset_.scope->counts(entry.dataset));
}

Status DpAccount::absorb(std::span<const LedgerRow> rows) {
  HIPPOCRYPT_TRY_VOID(look_at_scope());
  for (; rows_absorbed_ < rows.size(); ++rows_absorbed_) {
    const LedgerRow& row = rows[rows_absorbed_];
    if (!counts(row.entry)) continue;
    if (row.entry.unit != dataset_.unit) {
      return Error{Errc::mismatch,
                   fmt::format("row {} of the ledger protects each {} of this data set and this "
                               "run each {}; their epsilons do not add up, so keep to one unit",
                               row.id, to_string(row.entry.unit), to_string(dataset_.unit))};
    }
    accountant_.add(row.entry.event());
    ++rows_counted_;
  }
  return {};
}

Status DpAccount::check_fits(const LedgerEntry& planned, const std::string& what) {
  if (accountant_.fits(planned.event(), params_.delta, params_.budget)) return {};
  const SpentEpsilon after = accountant_.spent_with(planned.event(), 1, params_.delta);
  const std::string bounds =
      after.pld.has_value() ? fmt::format("RDP {:.6g}, PLD {:.6g}", after.rdp.epsilon, *after.pld)
                            : fmt::format("RDP {:.6g}, no PLD", after.rdp.epsilon);
  return Error{
      Errc::budget_exhausted,
      fmt::format("{} would bring epsilon to {:.6g} at delta {:g} ({}); {:.6g} is spent on this "
                  "data set and the budget is {:.6g}: take fewer steps, more noise or a larger "
                  "budget, or stop here",
                  what, after.epsilon, params_.delta, bounds,
                  accountant_.spent(params_.delta).epsilon, params_.budget)};
}

Result<RoundPermit> DpAccount::permit(std::uint64_t round, std::uint64_t first_step,
                                      std::uint64_t steps, double clip) {
  const LedgerEntry planned = entry(round, first_step, steps, clip);
  HIPPOCRYPT_TRY_VOID(planned.check());
  HIPPOCRYPT_TRY_VOID(ledger_->refresh());
  HIPPOCRYPT_TRY_VOID(absorb());
  if (steps > max_ledger_rows - std::min<std::uint64_t>(max_ledger_rows, ledger_->rows().size())) {
    return Error{Errc::limit_exceeded,
                 fmt::format("round {} needs {} rows, one a step, and the ledger holds {} of {}",
                             round, steps, ledger_->rows().size(), max_ledger_rows)};
  }
  HIPPOCRYPT_TRY_VOID(check_fits(planned, fmt::format("round {}", round)));
  return RoundPermit{round, rows_counted_, first_step};
}

Result<std::uint64_t> DpAccount::charge_lot(RoundPermit& permit, double clip) {
  const LedgerEntry planned = entry(permit.round, permit.next_step, 1, clip);
  const auto admit = [&](std::span<const LedgerRow> rows) -> Status {
    HIPPOCRYPT_TRY_VOID(absorb(rows));
    if (rows_counted_ == permit.rows_counted) return {};  // as the round was looked at
    return check_fits(planned, fmt::format("another lot of round {}", permit.round));
  };
  HIPPOCRYPT_TRY(const LedgerRow row, ledger_->charge_if(planned, admit));
  ++permit.rows_counted;
  ++permit.next_step;
  HIPPOCRYPT_TRY_VOID(absorb());
  if (dataset_.scope) HIPPOCRYPT_TRY_VOID(dataset_.scope->note_head(row.id, row.hash));
  return row.id;
}

SpentEpsilon DpAccount::spent() {
  static_cast<void>(absorb());  // as in status()
  return accountant_.spent(params_.delta);
}

double DpAccount::delta_total() {
  return delta_with_overflow(
      ledger_->rows(), [this](const LedgerEntry& entry) { return counts(entry); }, params_.delta,
      spent().epsilon);
}

BudgetStatus DpAccount::status(std::uint64_t steps_per_round) {
  HIPPOCRYPT_CHECK(steps_per_round > 0 && steps_per_round <= max_ledger_steps);
  // The unit of every row was checked when the row was absorbed or will be by permit, which is the
  // one that refuses; what is shown until then counts only what agrees.
  static_cast<void>(absorb());
  // With a schedule the least private steps are counted, so that never too many rounds are shown.
  const SampledGaussian round{params_.sampling_rate,
                              params_.smallest_multiplier(0, params_.noise_schedule.steps),
                              steps_per_round};
  BudgetStatus status;
  status.spent = accountant_.spent(params_.delta);
  status.delta = params_.delta;
  status.delta_total = delta_total();
  status.budget = params_.budget;
  status.remaining = std::max(0.0, params_.budget - status.spent.epsilon);
  status.steps = accountant_.steps();
  status.rounds_that_fit = accountant_.rounds_that_fit(round, params_.delta, params_.budget);
  return status;
}

}  // namespace hippocrypt::privacy
