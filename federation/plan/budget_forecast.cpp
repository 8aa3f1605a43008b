#include "federation/plan/budget_forecast.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "federation/common/ledger_place.hpp"
#include "privacy/dp_sgd/dp_account.hpp"
#include "privacy/ledger/ledger.hpp"
#include "privacy/registry/registry.hpp"

namespace hippocrypt::federation {
namespace {

privacy::PrivacyUnit unit_of(PrivacyUnit unit) {
  return unit == PrivacyUnit::patient ? privacy::PrivacyUnit::patient : privacy::PrivacyUnit::note;
}

/// Rows that the account counts, in a ledger that charges for nobody.
Result<privacy::Ledger> ledger_with(std::span<const privacy::LedgerRow> rows,
                                    const Hash256& dataset) {
  HIPPOCRYPT_TRY(auto ledger, privacy::Ledger::in_memory());
  for (const auto& row : rows) {
    privacy::LedgerEntry entry = row.entry;
    entry.dataset = dataset;
    HIPPOCRYPT_TRY_VOID(ledger.charge(entry));
  }
  return ledger;
}

privacy::LedgerEntry planned_entry() {
  privacy::LedgerEntry entry;
  entry.run = entry.hospital = entry.sampler = entry.noise_source = entry.software_version = "plan";
  return entry;
}

Status check_length(const RunConfig& run) {
  const std::uint64_t steps = std::uint64_t{run.rounds} * run.steps_per_round;
  if (steps <= privacy::max_ledger_rows) return {};
  return Error{Errc::limit_exceeded,
               fmt::format("run.rounds = {} of {} steps each are {} steps, and a ledger holds {}; "
                           "plan fewer",
                           run.rounds, run.steps_per_round, steps, privacy::max_ledger_rows)};
}

}  // namespace

Result<std::vector<privacy::LedgerRow>> rows_before(const FederationConfig& config,
                                                    std::size_t hospital,
                                                    const HospitalData& data) {
  if (config.privacy.ledger == LedgerPlace::run) return std::vector<privacy::LedgerRow>{};
  const HospitalConfig& site = config.hospitals[hospital];
  return privacy::Registry::preview(
      ledger_home(config.privacy.ledger_home),
      {site.name, data.fingerprint, data.train_patients, std::filesystem::absolute(site.notes)});
}

Result<BudgetForecast> forecast_budget(const RunConfig& run, PrivacyUnit unit,
                                       const privacy::DpSgdParams& params,
                                       std::span<const privacy::LedgerRow> before) {
  HIPPOCRYPT_TRY_VOID(params.check());
  HIPPOCRYPT_TRY_VOID(check_length(run));
  const privacy::DatasetId dataset{sha256(as_bytes("planned data set")), unit_of(unit), 1};
  HIPPOCRYPT_TRY(auto ledger, ledger_with(before, dataset.fingerprint));
  privacy::DpAccount account{params, ledger, dataset, planned_entry(), [] { return 0; }};
  HIPPOCRYPT_TRY_VOID(account.absorb());
  BudgetForecast out;
  const auto start = account.status(run.steps_per_round);
  out.before = start.spent;
  out.steps_before = start.steps;
  for (std::uint32_t round = 1; round <= run.rounds; ++round) {
    const std::uint64_t first = (std::uint64_t{round} - 1) * run.steps_per_round;
    auto permit = account.permit(round, first, run.steps_per_round, params.clip);
    if (!permit && permit.error().code == Errc::budget_exhausted) continue;  // it sits out
    if (!permit) return permit.error();
    for (std::uint32_t step = 0; step < run.steps_per_round; ++step) {
      HIPPOCRYPT_TRY_VOID(account.charge_lot(*permit, params.clip));
    }
    ++out.rounds;
    out.last_round = round;
  }
  const auto end = account.status(run.steps_per_round);
  out.after = end.spent;
  out.delta = end.delta;
  out.delta_total = end.delta_total;
  out.budget = end.budget;
  out.steps = end.steps - start.steps;
  return out;
}

}  // namespace hippocrypt::federation
