#include "cli/commands/budget_statement.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <map>

#include "base/bytes.hpp"
#include "cli/support/text_table.hpp"
#include "cli/support/version.hpp"
#include "privacy/accounting/amplification.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::array covered{
    "every update, adapter and checkpoint of these rounds, and whatever is computed from them",
    "not losses, lot sizes and gradient norms: they stay in the hospital; nor the time of a step, "
    "which a server sees (`audit` tests that it does not follow the lot)"};
constexpr std::array assumed{
    "the lots' membership stays secret, and the words of sampler and noise come from where the "
    "ledger says",
    "q, sigma, clip, divisor and the number of steps do not depend on the patients; no "
    "hyper-parameters were searched on these data without charging those runs",
    "a patient is in one hospital; for one in several the epsilons add up. Those of different "
    "hospitals' patients do not: each hospital's figure is its own",
    "delta is below 1 / number of units"};

std::string date_of(std::int64_t unix_time_s) {
  const auto time = static_cast<std::time_t>(unix_time_s);
  std::tm calendar{};
  if (gmtime_r(&time, &calendar) == nullptr) return "unknown";
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &calendar);
  return {text.data(), size};
}

/// The first line of the version.
std::string software() {
  const std::string text = version_text();
  return text.substr(0, text.find('\n'));
}

std::string figure(double value) {
  return std::isfinite(value) ? fmt::format("{:.4f}", value) : std::string{"infinite"};
}

struct Mechanism {
  double sampling_rate;
  double noise_multiplier;
  std::uint64_t steps;
};

std::vector<Mechanism> mechanisms_of(const privacy::BudgetReport& report) {
  std::map<std::pair<double, double>, std::uint64_t> steps;
  for (const auto& row : report.rows) {
    steps[{row.sampling_rate, row.noise_multiplier}] += row.steps;
  }
  std::vector<Mechanism> mechanisms;
  for (const auto& [key, count] : steps) mechanisms.push_back({key.first, key.second, count});
  return mechanisms;
}

double without_amplification(const privacy::BudgetReport& report) {
  const auto epsilon = privacy::epsilon_without_amplification(report.events(), report.delta);
  return epsilon.has_value() ? *epsilon : std::numeric_limits<double>::infinity();
}

std::string unit_claim(privacy::PrivacyUnit unit) {
  return unit == privacy::PrivacyUnit::patient
             ? "one patient with all their notes"
             : "one note; a patient with k notes is protected about k times weaker, and at a much "
               "larger delta";
}

std::string of_hospital(const HospitalBudget& budget) {
  const privacy::BudgetReport& report = budget.report;
  if (!budget.last.has_value()) {
    return fmt::format("{}: nothing was released of its data, epsilon is 0\n", budget.name);
  }
  const privacy::LedgerEntry& last = *budget.last;
  TextTable table{{{budget.name}, {"epsilon and what it means"}}};
  table.add_row({"unit", unit_claim(report.unit)});
  table.add_row({"neighbours", fmt::format("data sets with one {} more or less ({})",
                                           to_string(report.unit), to_string(last.relation))});
  table.add_row({"mechanism", fmt::format("{}: clipping {}, noise {}", to_string(last.mechanism),
                                          to_string(last.clipping), to_string(last.noise))});
  table.add_row({"sampler", fmt::format("Poisson, words of {}; noise of {}", last.sampler,
                                        last.noise_source)});
  for (const Mechanism& mechanism : mechanisms_of(report)) {
    table.add_row({"", fmt::format("q {:g}, sigma {:g}, {} steps", mechanism.sampling_rate,
                                   mechanism.noise_multiplier, mechanism.steps)});
  }
  table.add_row({"clip", fmt::format("{:g} (in the last row)", last.clip)});
  table.add_row(
      {"epsilon", fmt::format("{} at delta {:g}", figure(report.spent.epsilon), report.delta)});
  table.add_row({"by RDP", fmt::format("{} (order {:g})", figure(report.spent.rdp.epsilon),
                                       report.spent.rdp.order)});
  table.add_row({"by PLD", report.spent.pld.has_value() ? figure(*report.spent.pld)
                                                        : "none: " + report.spent.pld_missing});
  table.add_row({"not amplified", figure(without_amplification(report)) +
                                      ", were each unit used once in 1/q steps instead"});
  table.add_row(
      {"delta in all", fmt::format("{:.6g}, with lots that overflow", report.delta_total)});
  table.add_row({"budget", figure(report.budget)});
  table.add_row({"last charge", date_of(last.unix_time_s)});
  table.add_row({"ledger head", to_hex(budget.head)});
  std::string text = table.str();
  if (last.sampler.find("seeded") != std::string::npos) {
    text +=
        "the sampler was seeded: a simulation, whose lots are no secret to who knows the seed\n";
  }
  for (const auto& remark : privacy::remarks(report.spent, report.steps, report.delta)) {
    text += remark + '\n';
  }
  return text;
}

}  // namespace

std::string statement_text(const federation::RunRecord& record,
                           const std::vector<HospitalBudget>& budgets) {
  std::string text = fmt::format(
      "Privacy statement: run {}, {}\n"
      "With epsilon and delta below, what leaves a hospital changes by no more than a factor\n"
      "e^epsilon in probability, except with probability delta, if one unit's data are added to "
      "or\n"
      "removed from its data set.\n\n",
      record.run, software());
  for (const HospitalBudget& budget : budgets) text += of_hospital(budget) + '\n';
  text += "covered:\n";
  for (const char* line : covered) text += fmt::format("- {}\n", line);
  text += "assumed:\n";
  for (const char* line : assumed) text += fmt::format("- {}\n", line);
  return text;
}

ordered_json statement_json(const federation::RunRecord& record,
                            const std::vector<HospitalBudget>& budgets) {
  ordered_json hospitals = ordered_json::array();
  for (const HospitalBudget& budget : budgets) {
    const privacy::BudgetReport& report = budget.report;
    ordered_json one{{"name", budget.name},     {"epsilon", report.spent.epsilon},
                     {"delta", report.delta},   {"delta_total", report.delta_total},
                     {"budget", report.budget}, {"unit", to_string(report.unit)}};
    if (budget.last.has_value()) {
      const privacy::LedgerEntry& last = *budget.last;
      ordered_json mechanisms = ordered_json::array();
      for (const Mechanism& mechanism : mechanisms_of(report)) {
        mechanisms.push_back({{"q", mechanism.sampling_rate},
                              {"sigma", mechanism.noise_multiplier},
                              {"steps", mechanism.steps}});
      }
      one.update({{"relation", to_string(last.relation)},
                  {"mechanism", to_string(last.mechanism)},
                  {"clipping", to_string(last.clipping)},
                  {"clip", last.clip},
                  {"noise", to_string(last.noise)},
                  {"noise_source", last.noise_source},
                  {"sampler", last.sampler},
                  {"steps", std::move(mechanisms)},
                  {"epsilon_rdp", report.spent.rdp.epsilon},
                  {"rdp_order", report.spent.rdp.order},
                  {"epsilon_pld", report.spent.pld.has_value() ? ordered_json(*report.spent.pld)
                                                               : ordered_json(nullptr)},
                  {"epsilon_without_amplification", without_amplification(report)},
                  {"last_charge", date_of(last.unix_time_s)},
                  {"ledger_head", to_hex(budget.head)},
                  {"remarks", privacy::remarks(report.spent, report.steps, report.delta)}});
    }
    hospitals.push_back(std::move(one));
  }
  return {{"run", record.run},
          {"software", software()},
          {"hospitals", std::move(hospitals)},
          {"covered", covered},
          {"assumed", assumed}};
}

}  // namespace hippocrypt::cli
