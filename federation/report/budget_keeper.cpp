#include "federation/report/budget_keeper.hpp"

#include <fmt/format.h>

#include <utility>

#include "federation/report/reported_budgets.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::size_t statements_a_round = 2, further_statements = 16;

}  // namespace

BudgetKeeper::BudgetKeeper(std::filesystem::path run_folder, const RunRecord& record,
                           std::map<std::string, secagg::PublicIdentity> keys)
    : run_folder_{std::move(run_folder)},
      run_{record.run},
      rounds_{record.rounds_planned},
      keys_{std::move(keys)} {}

Status BudgetKeeper::check(const BudgetStatement& statement) const {
  const std::string& hospital = statement.hospital;
  if (!keys_.contains(hospital)) {
    return Error{Errc::mismatch, hospital + " is no hospital of this run"};
  }
  if (statement.run != run_ || statement.round > rounds_) {
    return Error{Errc::mismatch,
                 fmt::format("{} reports its budget after round {} of {}, and this is {} of {} "
                             "rounds; it is not kept",
                             hospital, statement.round, statement.run, run_, rounds_)};
  }
  const auto kept = kept_.find(hospital);
  const std::size_t most = statements_a_round * rounds_ + further_statements;
  if (kept == kept_.end() || kept->second < most) return {};
  return Error{Errc::limit_exceeded,
               fmt::format("{} has reported its budget {} times; no more is kept until the "
                           "aggregator is started again",
                           hospital, most)};
}

Status BudgetKeeper::keep(const BudgetStatement& statement) {
  HIPPOCRYPT_TRY_VOID(check(statement));
  const auto& key = keys_.at(statement.hospital);
  HIPPOCRYPT_TRY_VOID(keep_reported_budget(run_folder_, statement, key));
  ++kept_[statement.hospital];
  return {};
}

}  // namespace hippocrypt::federation
