// hippocrypt simulate: a whole federation in this process, from one TOML.

#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <memory>
#include <optional>

#include "actors/simulation.hpp"
#include "cli/audit/invocation.hpp"
#include "cli/commands/alone.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/forward_accounts.hpp"
#include "cli/commands/run_budgets.hpp"
#include "cli/commands/strategy_list.hpp"
#include "cli/config/load_config.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "cli/support/text_table.hpp"

namespace hippocrypt::cli {
namespace {

struct SimulateFlags {
  std::string config;
  std::vector<std::string> overrides;
  std::optional<std::string> oracle;
  std::string runs = "runs";
  std::optional<std::string> resume;
  bool compare_alone = false;
  bool json = false;
};

/// Turns what the observer hears into one progress stage a round.
class RoundProgress {
 public:
  RoundProgress(Progress& progress, const federation::FederationConfig& config)
      : progress_{progress}, config_{config} {}

  void hear(const federation::Progress& event) {
    switch (event.kind) {
      case federation::ProgressKind::step:
        return on_step(event);
      case federation::ProgressKind::round:
        begin(event.round);
        progress_.end(event.text + mean_loss());
        return;
      case federation::ProgressKind::note:
        return progress_.note(event.source + ": " + event.text);
    }
  }

 private:
  void on_step(const federation::Progress& event) {
    begin(event.round);
    if (std::isfinite(event.loss)) {
      loss_sum_ += event.loss;
      ++losses_;
    }
    progress_.advance(1, event.source);
  }
  void begin(std::uint32_t round) {
    if (round == round_) return;
    round_ = round;
    loss_sum_ = 0;
    losses_ = 0;
    progress_.begin(fmt::format("round {}/{}", round, config_.run.rounds),
                    std::uint64_t{config_.run.steps_per_round} * config_.hospitals.size());
  }
  std::string mean_loss() const {
    if (losses_ == 0) return {};
    return fmt::format("; training loss {:.4f}", loss_sum_ / static_cast<double>(losses_));
  }

  Progress& progress_;
  const federation::FederationConfig& config_;
  std::uint32_t round_ = 0;
  double loss_sum_ = 0;
  std::uint32_t losses_ = 0;
};

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

/// "-" where there is none, as for a hospital that could not take part.
std::string loss_text(double loss) {
  return std::isfinite(loss) ? fmt::format("{:.4f}", loss) : std::string{"-"};
}

std::string change_text(double before, double after) {
  const double change = 100 * (after / before - 1);
  return std::isfinite(change) ? fmt::format("{:+.2f} %", change) : std::string{"-"};
}

std::string loss_table(const federation::RunRecord& record) {
  TextTable table{{{"hospital"},
                   {"held-out loss before", Align::right},
                   {"after", Align::right},
                   {"change", Align::right},
                   {"steps", Align::right},
                   {"rounds sat out", Align::right},
                   {"failure"}}};
  for (const auto& hospital : record.hospitals) {
    table.add_row({hospital.name, loss_text(hospital.loss_before), loss_text(hospital.loss_after),
                   change_text(hospital.loss_before, hospital.loss_after),
                   std::to_string(hospital.steps), std::to_string(hospital.rounds_sat_out),
                   hospital.failure});
  }
  return table.str();
}

/// Every round of every hospital, unless that is more than anybody reads.
std::string rounds_or_where(const federation::RunRecord& record,
                            const std::vector<HospitalBudget>& budgets) {
  constexpr std::size_t most_rows = 100;
  std::size_t rows = 0;
  for (const auto& budget : budgets) rows += budget.report.rows.size();
  if (rows <= most_rows) return round_table(budgets);
  return fmt::format("({} rows of rounds: hippocrypt budget {})\n", rows, record.run);
}

void print_result(const actors::SimulationResult& result, federation::PrivacyUnit unit,
                  const std::vector<HospitalBudget>& budgets,
                  const std::vector<HospitalForward>& forward) {
  const auto& record = result.record;
  const std::string forward_lines = forward_text(record, forward);
  std::cout
      << '\n'
      << loss_table(record) << '\n'
      << rounds_or_where(record, budgets) << '\n'
      << summary_table(budgets) << claim_text(unit) << (forward_lines.empty() ? "" : "\n")
      << forward_lines
      << fmt::format(
             "\n{} rounds in {:.1f} s, oracle {}; {:.1f} MB to the blind server, {:.1f} MB back"
             "\nadapter: {}\nrun:     {}\n",
             record.rounds, record.seconds, record.oracle,
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
  Progress progress{std::cerr, {progress_style_of_stderr(), terminal_columns()}};
  RoundProgress rounds{progress, options.config};
  options.on_progress = [&rounds](const federation::Progress& event) { rounds.hear(event); };
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
