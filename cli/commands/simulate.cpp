// hippocrypt simulate: a whole federation in this process, from one TOML.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>

#include "actors/simulation.hpp"
#include "base/resident_memory.hpp"
#include "cli/audit/invocation.hpp"
#include "cli/commands/alone.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/forward_accounts.hpp"
#include "cli/commands/run_budgets.hpp"
#include "cli/commands/run_summary.hpp"
#include "cli/commands/strategy_list.hpp"
#include "cli/config/load_config.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/metrics_page.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "cli/support/round_console.hpp"
#include "cli/support/text_table.hpp"
#include "federation/report/prometheus_page.hpp"

namespace hippocrypt::cli {
namespace {

struct SimulateFlags {
  std::string config;
  std::vector<std::string> overrides;
  std::optional<std::string> oracle;
  std::string runs = "runs";
  std::optional<std::string> resume;
  bool compare_alone = false;
  std::optional<std::uint16_t> metrics_port;
  bool json = false;
};

/// Off a terminal a round is one line, however long it takes.
ProgressStyle style_of_rounds() {
  const ProgressStyle style = progress_style_of_stderr();
  return style == ProgressStyle::lines ? ProgressStyle::ends : style;
}

/// What the figures mean.
std::string claim_text(federation::PrivacyUnit unit) {
  return fmt::format(
      "epsilon: add or remove one {}, with all that is on record for the data set. A simulation "
      "draws its\nlots from run.seed; the figure is that of lots that nobody can predict, as "
      "`train` draws them\n",
      to_string(unit));
}

nlohmann::ordered_json to_json(const federation::RunRecord& record, federation::PrivacyUnit unit,
                               const std::vector<HospitalForward>& forward) {
  nlohmann::ordered_json hospitals = nlohmann::ordered_json::array();
  for (const auto& hospital : record.hospitals) {
    hospitals.push_back({{"name", hospital.name},
                         {"loss_before", hospital.loss_before},
                         {"loss_after", hospital.loss_after},
                         {"epsilon", hospital.epsilon},
                         {"delta_total", record.delta + hospital.delta_overflow},
                         {"budget", hospital.budget},
                         {"steps", hospital.steps},
                         {"rounds_sat_out", hospital.rounds_sat_out},
                         {"failure", hospital.failure}});
  }
  return {{"run", record.run},
          {"oracle", record.oracle},
          {"rounds", record.rounds},
          {"seconds", record.seconds},
          {"bytes_up", record.bytes_up},
          {"bytes_down", record.bytes_down},
          {"adapter", record.adapter},
          {"delta", record.delta},
          {"unit", to_string(unit)},
          {"relation", "add_remove"},
          {"hospitals", std::move(hospitals)},
          {"dp_forward", forward_json(forward)}};
}

constexpr std::size_t most_listed = 12;  // hospitals that get lines of their own at the end

/// What the tables leave out of a large federation.
std::string large_summary(const federation::RunRecord& record) {
  double before = 0, after = 0;
  std::size_t count = 0;
  for (const auto& hospital : record.hospitals) {
    if (!std::isfinite(hospital.loss_before) || !std::isfinite(hospital.loss_after)) continue;
    before += hospital.loss_before;
    after += hospital.loss_after;
    ++count;
  }
  const auto all = static_cast<double>(std::max<std::size_t>(count, 1));
  return fmt::format(
      "held-out loss, mean of {} hospitals: {:.4f} before, {:.4f} after\n"
      "(`hippocrypt report` and `hippocrypt budget` show every hospital and round)\n",
      count, before / all, after / all);
}

void print_result(const actors::SimulationResult& result, federation::PrivacyUnit unit,
                  const std::vector<HospitalBudget>& budgets,
                  const std::vector<HospitalForward>& forward) {
  const auto& record = result.record;
  const std::string forward_lines = forward_text(record, forward);
  const bool large = record.hospitals.size() > most_listed;
  const std::string tables = large ? large_summary(record)
                                   : loss_table(record) + '\n' + rounds_or_where(record, budgets) +
                                         '\n' + summary_table(budgets);
  std::cout
      << '\n'
      << tables << claim_text(unit) << (forward_lines.empty() ? "" : "\n") << forward_lines
      << fmt::format(
             "\n{}{} rounds in {:.1f} s, oracle {}; {:.1f} MB to the blind server, {:.1f} MB back"
             "\nadapter: {}\nrun:     {}\n",
             end_summary(record, budgets), record.rounds, record.seconds, record.oracle,
             static_cast<double>(record.bytes_up) / 1e6,
             static_cast<double>(record.bytes_down) / 1e6, record.adapter,
             result.run_folder.string());
}

/// On every run, whatever its output: nobody should have to look for it.
void warn_of_parameters(const federation::EncryptionConfig& encryption) {
  const auto params = federation::params_of(encryption);
  if (!encryption.uses_server() || !params || params->warning().empty()) return;
  std::cerr << "warning: " << params->warning() << '\n';
}

Status simulate(const SimulateFlags& flags) {
  std::vector<std::string> overrides = flags.overrides;
  if (flags.oracle) overrides.push_back("encryption.oracle=\"" + *flags.oracle + "\"");
  actors::SimulationOptions options;
  Invocation invocation{flags.config, overrides};
  if (flags.resume) {
    HIPPOCRYPT_TRY(options.resume, federation::find_run_folder(*flags.resume));
    HIPPOCRYPT_TRY(invocation, invocation_of_run(*options.resume));
    for (const auto& override : overrides) invocation.overrides.push_back(override);
  } else {
    options.on_run_folder = [&invocation](const std::filesystem::path& folder) {
      return save_invocation(folder, invocation);
    };
  }
  HIPPOCRYPT_TRY(options.config, load_config(invocation.config.string(), invocation.overrides));
  if (flags.compare_alone) {
    HIPPOCRYPT_TRY_VOID(federation::check_may_train_alone(options.config));
  }
  options.runs = flags.runs;
  options.stop = &install_interrupt_handler();
  Progress progress{std::cerr, {style_of_rounds(), terminal_columns()}};
  RoundConsole console{progress};
  federation::metrics::PrometheusPage page{options.config.run.name};
  options.on_event = [&](const federation::metrics::Event& event) {
    console.hear(event);
    page.add(event);
  };
  HIPPOCRYPT_TRY(const auto server, serve_metrics(flags.metrics_port,
                                                  [&page] { return page.text(resident_bytes()); }));
  if (server) {
    progress.note(fmt::format("metrics: http://127.0.0.1:{}/metrics", server->port()));
  }
  warn_of_parameters(options.config.encryption);
  HIPPOCRYPT_TRY(const auto result, actors::simulate(options));
  HIPPOCRYPT_TRY(const auto budgets, read_budgets(result.run_folder, result.record));
  HIPPOCRYPT_TRY(const auto forward, read_forward_accounts(result.run_folder, result.record));
  std::optional<federation::AloneComparison> alone;
  if (flags.compare_alone) {
    HIPPOCRYPT_TRY(alone, compare_with_alone(options.config, result.run_folder, result.record,
                                             *options.stop, progress));
  }
  if (flags.json) {
    auto document = to_json(result.record, options.config.privacy.unit, forward);
    if (alone) document["compared"] = alone_json(*alone);
    print_json(std::cout, document);
  } else {
    print_result(result, options.config.privacy.unit, budgets, forward);
    if (alone) std::cout << '\n' << alone_text(*alone);
  }
  return {};
}

}  // namespace

void add_simulate(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "simulate", "Run a whole federation in this process: hospitals, blind server, aggregator");
  const auto flags = std::make_shared<SimulateFlags>();
  command->add_option("config", flags->config, "The federation's TOML file");
  command
      ->add_option(
          "--set", flags->overrides,
          "key=value over the file, as run.rounds=3 or hospital.st-anna.budget=4; repeatable")
      ->allow_extra_args(false);
  command->add_option("--oracle", flags->oracle,
                      "plain-fp32, plain-int8, encrypted or encrypted-lwe, over the file's choice");
  command->add_option("--runs", flags->runs, "Where run folders go")->capture_default_str();
  command->add_flag("--compare-alone", flags->compare_alone,
                    "Train every hospital by itself as well, as long and from the same start, and "
                    "hold all adapters against all held-out notes");
  command->add_option("--resume", flags->resume,
                      "Go on with this run, a name under runs/ or a folder, where it was stopped");
  command->add_option(
      "--metrics-port", flags->metrics_port,
      "Serve figures to Prometheus: http://127.0.0.1:PORT/metrics; 0: any free port");
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command
      ->add_flag_callback(
          "--list-strategies",
          [] {
            std::cout << strategy_list();
            throw CLI::Success{};
          },
          "Print what aggregation.strategy can be, and end")
      ->trigger_on_parse();
  command->footer("Example:\n  hippocrypt simulate configs/three_hospitals.toml --set run.seed=2");
  command->callback([flags, &exit_code] {
    if (flags->config.empty() == !flags->resume) {
      throw CLI::ValidationError("simulate", "takes a config, or --resume RUN");
    }
    const Status status = simulate(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
