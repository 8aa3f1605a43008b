// hippocrypt runs: what is in a folder of runs.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>

#include "cli/commands/commands.hpp"
#include "cli/support/output.hpp"
#include "cli/support/quantities.hpp"
#include "cli/support/text_table.hpp"
#include "federation/common/run_record.hpp"
#include "federation/report/run_history.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;

struct RunsFlags {
  std::string runs = "runs";
  bool json = false;
};

/// The account that is nearest to its budget.
struct WorstAccount {
  std::string hospital;
  double epsilon = 0, budget = 0;
};

struct RunSummary {
  std::string name;
  std::string damage;  ///< why there is no more to say, or empty
  federation::RunRecord record;
  std::string started;  ///< UTC; empty where the metrics do not say
  std::optional<WorstAccount> worst;
};

std::optional<WorstAccount> worst_of(const federation::RunRecord& record) {
  std::optional<WorstAccount> worst;
  const auto share = [](double epsilon, double budget) {
    return std::isfinite(budget) ? epsilon / budget : epsilon * 1e-9;  // endless ones come last
  };
  for (const auto& hospital : record.hospitals) {
    if (hospital.ledger.empty()) continue;  // an aggregator's record: the account is elsewhere
    if (worst && share(hospital.epsilon, hospital.budget) <= share(worst->epsilon, worst->budget)) {
      continue;
    }
    worst = {hospital.name, hospital.epsilon, hospital.budget};
  }
  return worst;
}

/// What a run that has not ended, or was killed, says in its metrics.
void follow(RunSummary& run, const std::filesystem::path& metrics_file) {
  const auto metrics = federation::metrics::read_metrics(metrics_file);
  if (!metrics) return;
  const auto history = history_of(*metrics);
  run.record.rounds = std::max(run.record.rounds, history.completed());
  for (auto& hospital : run.record.hospitals) {
    const auto parts = history.hospitals.find(hospital.name);
    if (parts == history.hospitals.end()) continue;
    for (const auto& [round, part] : parts->second) {
      if (std::isfinite(part.epsilon)) hospital.epsilon = std::max(hospital.epsilon, part.epsilon);
    }
  }
}

RunSummary read_run(const std::filesystem::path& folder) {
  RunSummary run;
  run.name = folder.filename().string();
  auto record = federation::load_run_record(folder);
  if (!record) {
    run.damage = record.error().code == Errc::not_found ? "there is no run.json in it"
                                                        : to_string(record.error());
    return run;
  }
  run.record = std::move(*record);
  const auto metrics = folder / "metrics.jsonl";
  run.started = federation::metrics::first_time(metrics);
  const auto status = run.record.status;
  const bool has_ended =
      status == federation::RunStatus::finished || status == federation::RunStatus::failed;
  if (!has_ended) follow(run, metrics);
  run.worst = worst_of(run.record);
  return run;
}

Result<std::vector<RunSummary>> read_runs(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> folders;
  for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) folders.push_back(entry->path());
  }
  if (error) {
    return Error{Errc::not_found, folder.string() + ": cannot be listed (" + error.message() +
                                      "); --runs says where runs are"};
  }
  std::sort(folders.begin(), folders.end());
  std::vector<RunSummary> runs;
  for (const auto& each : folders) runs.push_back(read_run(each));
  std::stable_sort(runs.begin(), runs.end(),
                   [](const auto& a, const auto& b) { return a.started < b.started; });
  return runs;
}

ordered_json to_json(const RunSummary& run) {
  if (!run.damage.empty()) {
    return {{"run", run.name}, {"status", "damaged"}, {"damage", run.damage}};
  }
  const auto& record = run.record;
  ordered_json worst = nullptr;
  if (run.worst) {
    worst = {{"hospital", run.worst->hospital},
             {"epsilon", run.worst->epsilon},
             {"budget", run.worst->budget}};
  }
  return {{"run", run.name},
          {"status", to_string(record.status)},
          {"rounds", record.rounds},
          {"rounds_planned", record.rounds_planned},
          {"hospitals", record.hospitals.size()},
          {"oracle", record.oracle},
          {"worst_account", std::move(worst)},
          {"started", run.started},
          {"seconds", record.seconds}};
}

std::string budget_text(double budget) {
  return std::isfinite(budget) ? fmt::format("{:g}", budget) : std::string{"unlimited"};
}

std::string table_of(const std::vector<RunSummary>& runs) {
  TextTable table{{{"run"},
                   {"status"},
                   {"rounds", Align::right},
                   {"hospitals", Align::right},
                   {"oracle"},
                   {"worst epsilon", Align::right},
                   {"budget", Align::right},
                   {"started (UTC)"},
                   {"took", Align::right}}};
  for (const auto& run : runs) {
    if (!run.damage.empty()) {
      table.add_row({run.name, "damaged", "-", "-", "-", "-", "-", "-", "-"});
      continue;
    }
    const auto& record = run.record;
    std::string started = run.started.substr(0, 16);
    std::replace(started.begin(), started.end(), 'T', ' ');
    table.add_row({run.name, to_string(record.status),
                   fmt::format("{}/{}", record.rounds, record.rounds_planned),
                   std::to_string(record.hospitals.size()), record.oracle,
                   run.worst ? fmt::format("{:.4f}", run.worst->epsilon) : std::string{"-"},
                   run.worst ? budget_text(run.worst->budget) : std::string{"-"},
                   started.empty() ? "-" : started,
                   record.seconds > 0 ? duration_text(record.seconds) : std::string{"-"}});
  }
  std::string text = table.str();
  for (const auto& run : runs) {
    if (!run.damage.empty()) text += run.name + ": " + run.damage + '\n';
  }
  return text;
}

Status list_runs(const RunsFlags& flags) {
  HIPPOCRYPT_TRY(const auto runs, read_runs(flags.runs));
  if (flags.json) {
    ordered_json list = ordered_json::array();
    for (const auto& run : runs) list.push_back(to_json(run));
    print_json(std::cout, {{"runs", std::move(list)}});
  } else if (runs.empty()) {
    std::cout << "no runs in " << flags.runs << '\n';
  } else {
    std::cout << table_of(runs);
  }
  return {};
}

}  // namespace

void add_runs(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("runs", "List runs: how far each came and what it spent");
  const auto flags = std::make_shared<RunsFlags>();
  command->add_option("--runs", flags->runs, "Where run folders are")->capture_default_str();
  command->add_flag("--json", flags->json, "Print the list as JSON");
  command->footer(
      "The oldest first. A run that was killed is interrupted. Damaged folders are listed as "
      "such.\nExample:\n  hippocrypt runs");
  command->callback([flags, &exit_code] {
    const Status status = list_runs(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
