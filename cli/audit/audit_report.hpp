#pragma once
// What an audit found, for people and for programs.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/audit/mechanism_audit.hpp"
#include "privacy/audit/membership.hpp"
#include "privacy/audit/server_view.hpp"

namespace hippocrypt::cli {

/// One check of one hospital, or of several that ran the same mechanism.
struct AuditedCheck {
  std::string hospitals;
  privacy::audit::CheckResult result;
  double threshold = 0;  ///< passes where p_value is at least this

  bool passed() const { return result.passes(threshold); }
};

struct AuditReport {
  struct Epsilon {
    std::string hospitals;
    MechanismAudit audit;  ///< its results have moved to `checks`
  };
  struct Membership {
    std::string hospital;
    privacy::audit::MembershipReport report;
  };

  std::string run;
  double delta = 0;
  double significance = privacy::audit::default_significance;  ///< of all checks together
  std::vector<AuditedCheck> checks;
  std::vector<Epsilon> epsilons;
  std::vector<Membership> memberships;
  std::vector<std::string> skipped;  ///< what was not audited, and why
  double seconds = 0;

  void add(const std::string& hospitals, std::vector<privacy::audit::CheckResult> results);
  /// Divides the significance: half among the bounds on epsilon, which need it, half among all
  /// other checks.
  void set_thresholds();
  bool passed() const;
};

/// Tables and plain sentences.
std::string audit_text(const AuditReport& report);
/// {run, delta, significance, passed, checks[], epsilon[], membership[], skipped[], seconds}.
nlohmann::ordered_json audit_json(const AuditReport& report);

}  // namespace hippocrypt::cli
