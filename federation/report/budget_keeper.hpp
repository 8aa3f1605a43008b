#pragma once
// What hospitals report of their budgets while a run goes on, kept at the aggregator with a limit:
// nobody fills its disk with statements.

#include <filesystem>
#include <map>
#include <string>

#include "base/result.hpp"
#include "federation/common/run_record.hpp"
#include "federation/common/site_messages.hpp"
#include "federation/secagg/common/signatures.hpp"

namespace hippocrypt::federation {

class BudgetKeeper {
 public:
  /// `keys`: of the certificates, by hospital.
  BudgetKeeper(std::filesystem::path run_folder, const RunRecord& record,
               std::map<std::string, secagg::PublicIdentity> keys);

  /// Keeps a statement of which sender and signature are checked. Every round may be stated twice,
  /// as after a restart of the hospital, and some more. Errors: mismatch (of another run, a round
  /// that the run does not have, nobody of the run), limit_exceeded, io.
  Status keep(const BudgetStatement& statement);

 private:
  Status check(const BudgetStatement& statement) const;

  std::filesystem::path run_folder_;
  std::string run_;
  std::uint32_t rounds_;
  std::map<std::string, secagg::PublicIdentity> keys_;
  std::map<std::string, std::size_t> kept_;  ///< by hospital, of this process
};

}  // namespace hippocrypt::federation
