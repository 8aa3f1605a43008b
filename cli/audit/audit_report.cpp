#include "cli/audit/audit_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/support/text_table.hpp"

namespace hippocrypt::cli {
namespace {

bool bounds_epsilon(const AuditedCheck& check) { return check.result.name == "one-run epsilon"; }

nlohmann::ordered_json to_json(const AuditReport::Epsilon& epsilon) {
  return {
      {"hospitals", epsilon.hospitals},
      {"claimed_rdp", epsilon.audit.claimed_rdp},
      {"claimed_pld", epsilon.audit.claimed_pld ? nlohmann::ordered_json(*epsilon.audit.claimed_pld)
                                                : nlohmann::ordered_json(nullptr)},
      {"lower_bound", epsilon.audit.bound.epsilon},
      {"lower_bound_if_gaussian", epsilon.audit.bound.epsilon_gaussian},
      {"lower_bound_without_noise", epsilon.audit.without_noise.epsilon},
      {"confidence", 0.95},
      {"canaries", epsilon.audit.canaries},
      {"steps", epsilon.audit.steps}};
}

nlohmann::ordered_json to_json(const AuditReport::Membership& membership) {
  nlohmann::ordered_json low = nlohmann::ordered_json::array();
  for (const auto& positives : membership.report.low) {
    low.push_back({{"false_positive_rate", positives.false_positive_rate},
                   {"true_positive_rate", positives.rate},
                   {"lower", positives.lower}});
  }
  return {{"hospital", membership.hospital},
          {"auc", membership.report.auc},
          {"lower", membership.report.lower},
          {"upper", membership.report.upper},
          {"true_positives", std::move(low)}};
}

std::string check_table(const AuditReport& report) {
  TextTable table{{{"hospital"}, {"check"}, {"result"}, {"p", Align::right}, {"figures"}}};
  for (const AuditedCheck& check : report.checks) {
    const double p = check.result.p_value;
    table.add_row({check.hospitals, check.result.name, check.passed() ? "PASS" : "FAIL",
                   p >= 1 ? std::string{"-"} : fmt::format("{:.2g}", p), check.result.finding});
  }
  return table.str();
}

std::string epsilon_table(const AuditReport& report) {
  TextTable table{{{"hospital"},
                   {"steps", Align::right},
                   {"claimed by RDP", Align::right},
                   {"by PLD", Align::right},
                   {"measured, at least", Align::right},
                   {"if Gaussian", Align::right},
                   {"measured without noise", Align::right}}};
  for (const auto& [hospitals, audit] : report.epsilons) {
    table.add_row({hospitals, std::to_string(audit.steps), fmt::format("{:.4f}", audit.claimed_rdp),
                   audit.claimed_pld ? fmt::format("{:.4f}", *audit.claimed_pld) : std::string{"-"},
                   fmt::format("{:.4f}", audit.bound.epsilon),
                   fmt::format("{:.4f}", audit.bound.epsilon_gaussian),
                   fmt::format("{:.4f}", audit.without_noise.epsilon)});
  }
  return table.str();
}

}  // namespace

void AuditReport::add(const std::string& hospitals,
                      std::vector<privacy::audit::CheckResult> results) {
  for (auto& result : results) checks.push_back({hospitals, std::move(result), 0});
}

void AuditReport::set_thresholds() {
  const auto bounds =
      static_cast<std::size_t>(std::count_if(checks.begin(), checks.end(), bounds_epsilon));
  for (AuditedCheck& check : checks) {
    const std::size_t sharing = bounds_epsilon(check) ? bounds : checks.size() - bounds;
    check.threshold = privacy::audit::bonferroni(0.5 * significance, sharing);
  }
}

bool AuditReport::passed() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const AuditedCheck& check) { return check.passed(); });
}

std::string audit_text(const AuditReport& report) {
  std::string text = check_table(report);
  if (!report.epsilons.empty()) {
    text += '\n' + epsilon_table(report);
    text += fmt::format(
        "epsilon at delta {:g}, of this run's steps alone; measured in one run with {} canaries, "
        "at "
        "95 % confidence\n",
        report.delta, report.epsilons.front().audit.canaries);
  }
  if (!report.skipped.empty()) text += '\n';
  for (const std::string& skipped : report.skipped) text += "not audited: " + skipped + '\n';
  const auto failed = static_cast<std::size_t>(
      std::count_if(report.checks.begin(), report.checks.end(),
                    [](const AuditedCheck& check) { return !check.passed(); }));
  text +=
      fmt::format("\n{} in {:.1f} s; a right mechanism fails one with probability {:g} at most.\n",
                  failed == 0 ? fmt::format("all {} checks passed", report.checks.size())
                              : fmt::format("{} of {} checks FAILED", failed, report.checks.size()),
                  report.seconds, report.significance);
  text +=
      "An audit can refute a claim and never confirm one: a pass says that these attacks found "
      "nothing.\n";
  return text;
}

nlohmann::ordered_json audit_json(const AuditReport& report) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  for (const AuditedCheck& check : report.checks) {
    checks.push_back({{"hospitals", check.hospitals},
                      {"name", check.result.name},
                      {"p_value", check.result.p_value},
                      {"threshold", check.threshold},
                      {"passed", check.passed()},
                      {"finding", check.result.finding}});
  }
  nlohmann::ordered_json epsilons = nlohmann::ordered_json::array();
  for (const auto& epsilon : report.epsilons) epsilons.push_back(to_json(epsilon));
  nlohmann::ordered_json memberships = nlohmann::ordered_json::array();
  for (const auto& membership : report.memberships) memberships.push_back(to_json(membership));
  return {{"run", report.run},
          {"delta", report.delta},
          {"significance", report.significance},
          {"passed", report.passed()},
          {"checks", std::move(checks)},
          {"epsilon", std::move(epsilons)},
          {"membership", std::move(memberships)},
          {"skipped", report.skipped},
          {"seconds", report.seconds}};
}

}  // namespace hippocrypt::cli
