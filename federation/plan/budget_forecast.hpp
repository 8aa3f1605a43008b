#pragma once
// How far the privacy budget of a hospital reaches: the run's rounds are charged, lot by lot, to a
// ledger in memory, by the account that would charge them in earnest. So the figures are those that
// the run will end with, unless others spend on the same patients meanwhile.

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "federation/client/local_plan.hpp"
#include "federation/common/federation_config.hpp"
#include "privacy/accounting/budget_accountant.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::federation {

struct BudgetForecast {
  privacy::SpentEpsilon before, after;
  double delta = 0;
  double delta_total = 0;        ///< with what the truncation of lots adds
  double budget = 0;             ///< epsilon; may be infinite
  std::uint32_t rounds = 0;      ///< of the run that the budget allows
  std::uint32_t last_round = 0;  ///< the last of them; 0 where there is none
  std::uint64_t steps_before = 0;
  std::uint64_t steps = 0;  ///< that the run takes
};

/// Rows that count for the hospital's patients before the run: those of its account in the ledger
/// home, none with a ledger of the run. Charges and enrols nothing. Errors: those of
/// Registry::preview.
Result<std::vector<privacy::LedgerRow>> rows_before(const FederationConfig& config,
                                                    std::size_t hospital, const HospitalData& data);

/// Plays all rounds after `before`. Errors: mismatch (rows of another privacy unit),
/// limit_exceeded (more steps than a ledger holds), those of DpSgdParams::check.
Result<BudgetForecast> forecast_budget(const RunConfig& run, PrivacyUnit unit,
                                       const privacy::DpSgdParams& params,
                                       std::span<const privacy::LedgerRow> before);

}  // namespace hippocrypt::federation
