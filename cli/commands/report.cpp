// hippocrypt report: a run as one HTML page.

#include <iostream>
#include <memory>

#include "base/file.hpp"
#include "base/format_version.hpp"
#include "cli/commands/budget_plot.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/run_budgets.hpp"
#include "cli/report/html_report.hpp"
#include "cli/support/output.hpp"
#include "cli/support/version.hpp"

namespace hippocrypt::cli {
namespace {

struct ReportFlags {
  std::string run, out;
  bool json = false;
};

/// A run that has not ended yet, or never will, says in its metrics how far it came.
void complete(federation::RunRecord& record, const federation::metrics::RunHistory& history) {
  record.rounds = std::max(record.rounds, history.completed());
}

PrivacyRow row_of(const HospitalBudget& budget) {
  const auto& report = budget.report;
  return {budget.name,        report.spent.epsilon,
          report.budget,      report.rounds_that_fit,
          report.delta_total, privacy::remarks(report.spent, report.steps, report.delta)};
}

/// What the ledgers say; of an aggregator's run, what hospitals have reported.
Status gather_budgets(const std::filesystem::path& folder, ReportData& data) {
  if (has_no_ledgers(data.record)) {
    HIPPOCRYPT_TRY(data.reported, read_reported(folder));
    return {};
  }
  HIPPOCRYPT_TRY(const auto budgets, read_budgets(folder, data.record));
  data.epsilon = budget_plot(data.record, budgets);
  for (const auto& budget : budgets) {
    data.privacy.push_back(row_of(budget));
    if (!budget.report.rows.empty()) data.unit = to_string(budget.report.unit);
  }
  return {};
}

Result<ReportData> gather(const std::filesystem::path& folder) {
  ReportData data;
  HIPPOCRYPT_TRY(data.record, federation::load_run_record(folder));
  auto metrics = federation::metrics::read_metrics(folder / "metrics.jsonl");
  if (!metrics && metrics.error().code != Errc::not_found) return metrics.error();
  if (metrics) {
    HIPPOCRYPT_TRY_VOID(check_version((folder / "metrics.jsonl").string(), metrics->version,
                                      federation::metrics::format_version));
    data.history = history_of(*metrics);
    data.damaged_lines = metrics->damaged;
  }
  complete(data.record, data.history);
  HIPPOCRYPT_TRY_VOID(gather_budgets(folder, data));
  HIPPOCRYPT_TRY(data.comparison, load_comparison(folder));
  const std::string version = version_text();
  data.software = version.substr(0, version.find('\n'));
  return data;
}

Status report(const ReportFlags& flags) {
  HIPPOCRYPT_TRY(const auto folder, federation::find_run_folder(flags.run));
  HIPPOCRYPT_TRY(const auto data, gather(folder));
  const std::filesystem::path file =
      flags.out.empty() ? folder / "report.html" : std::filesystem::path{flags.out};
  const std::string page = html_report(data);
  HIPPOCRYPT_TRY_VOID(write_file_atomically(file, as_bytes(page)));
  if (flags.json) {
    print_json(std::cout, {{"run", data.record.run},
                           {"report", file.string()},
                           {"bytes", page.size()},
                           {"damaged_lines", data.damaged_lines}});
  } else {
    std::cout << file.string() << '\n';
  }
  return {};
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "report", "Write a run as one HTML page: losses, budgets, who took part, time and traffic");
  const auto flags = std::make_shared<ReportFlags>();
  command->add_option("run", flags->run, "A run folder, or its name under runs/")->required();
  command->add_option("-o,--out", flags->out, "The file; report.html in the run folder");
  command->add_flag("--json", flags->json, "Print where it is as JSON");
  command->footer(
      "The page needs nothing else: no network, no script. It opens in any browser and prints.\n"
      "Example:\n  hippocrypt report three_hospitals -o three_hospitals.html");
  command->callback([flags, &exit_code] {
    const Status status = report(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
