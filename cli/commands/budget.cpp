// hippocrypt budget: what every hospital's ledger says about a run, what would still fit, and what
// a plan would cost.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "cli/commands/budget_plan.hpp"
#include "cli/commands/budget_plot.hpp"
#include "cli/commands/budget_statement.hpp"
#include "cli/commands/budget_what_if.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/forward_accounts.hpp"
#include "cli/commands/run_budgets.hpp"
#include "cli/plot/cairo_plot.hpp"
#include "cli/plot/terminal_plot.hpp"
#include "cli/report/reported_view.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"

namespace hippocrypt::cli {
namespace {

struct BudgetFlags {
  std::optional<std::string> run;
  bool json = false, statement = false, watch = false, plan = false, ascii = false;
  std::string png, svg;
  std::size_t columns = 0;
  WhatIf what_if;
  PlanQuestion question;
};

/// What a run's ledgers say now.
struct RunView {
  federation::RunRecord record;
  std::vector<HospitalBudget> budgets;
  std::vector<HospitalForward> forward;
};

Result<RunView> read_view(const std::filesystem::path& folder,
                          const privacy::BudgetReportOptions& options) {
  HIPPOCRYPT_TRY(auto record, federation::load_run_record(folder));
  HIPPOCRYPT_TRY(auto budgets, read_budgets(folder, record, options));
  HIPPOCRYPT_TRY(auto forward, read_forward_accounts(folder, record));
  return RunView{std::move(record), std::move(budgets), std::move(forward)};
}

std::string plot_text(const RunView& view, const BudgetFlags& flags) {
  TerminalPlotOptions options;
  options.columns = flags.columns > 0 ? flags.columns : terminal_columns();
  options.unicode = !flags.ascii && is_locale_unicode();
  return terminal_plot(budget_plot(view.record, view.budgets), options);
}

bool has_rounds(const RunView& view) {
  return std::any_of(view.budgets.begin(), view.budgets.end(),
                     [](const HospitalBudget& budget) { return !budget.report.rows.empty(); });
}

std::string view_text(const RunView& view, const BudgetFlags& flags) {
  std::string text =
      round_table(view.budgets) + '\n' + summary_table(view.budgets) + account_note(view.budgets);
  if (has_rounds(view)) text += '\n' + plot_text(view, flags);
  const std::string forward_lines = forward_text(view.record, view.forward);
  if (!forward_lines.empty()) text += '\n' + forward_lines;
  return text;
}

Status write_pictures(const RunView& view, const BudgetFlags& flags) {
  const EpsilonPlot plot = budget_plot(view.record, view.budgets);
  if (!flags.png.empty()) HIPPOCRYPT_TRY_VOID(write_png(plot, flags.png));
  if (!flags.svg.empty()) HIPPOCRYPT_TRY_VOID(write_svg(plot, flags.svg));
  return {};
}

/// What is to be seen now, and whether there will be more.
struct Glance {
  std::string text;
  federation::RunStatus status;
};

/// Redraws whenever something is new, until the run has ended.
Status watch(const std::function<Result<Glance>()>& look) {
  const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
  std::string drawn;
  for (;;) {
    const Result<Glance> now = look();
    // A ledger may be held for a moment by the training that writes to it.
    if (!now.has_value() && now.error().code != Errc::unavailable) return now.error();
    if (now.has_value()) {
      if (now->text != drawn) {
        std::cout << (is_terminal     ? "\x1b[H\x1b[2J"
                      : drawn.empty() ? ""
                                      : "\n")
                  << now->text << std::flush;
        drawn = now->text;
      }
      if (now->status != federation::RunStatus::running) {
        std::cout << "the run has ended: " << to_string(now->status) << '\n';
        return {};
      }
    }
    std::this_thread::sleep_for(std::chrono::seconds{1});
  }
}

/// The ledgers of the run, as far as they are here.
Status watch_ledgers(const std::filesystem::path& folder, const BudgetFlags& flags) {
  const privacy::BudgetReportOptions options;  // keeps the figures of the rounds before
  return watch([&]() -> Result<Glance> {
    HIPPOCRYPT_TRY(const auto view, read_view(folder, options));
    HIPPOCRYPT_TRY_VOID(write_pictures(view, flags));
    return Glance{view_text(view, flags), view.record.status};
  });
}

/// What an aggregator knows of its hospitals' budgets: what they have reported.
Status show_reported(const std::filesystem::path& folder, const BudgetFlags& flags) {
  const bool asks = flags.statement || !flags.png.empty() || !flags.svg.empty() ||
                    flags.what_if.target_epsilon.has_value() ||
                    flags.what_if.sigma_for_rounds.has_value();
  if (asks) {
    return Error{Errc::invalid_config,
                 "the ledgers of this run are with its hospitals, and so are drawings, statements "
                 "and what-ifs; without these flags `budget` shows what they have reported"};
  }
  const auto look = [&folder]() -> Result<Glance> {
    HIPPOCRYPT_TRY(const auto view, read_reported(folder));
    return Glance{reported_text(view), view.record.status};
  };
  if (flags.watch) return watch(look);
  HIPPOCRYPT_TRY(const auto view, read_reported(folder));
  if (flags.json) {
    print_json(std::cout, reported_json(view));
  } else {
    std::cout << reported_text(view);
  }
  return {};
}

Status show_view(const RunView& view, const BudgetFlags& flags) {
  HIPPOCRYPT_TRY(const auto answers, answer(flags.what_if, view.record, view.budgets));
  const bool asks =
      flags.what_if.target_epsilon.has_value() || flags.what_if.sigma_for_rounds.has_value();
  HIPPOCRYPT_TRY_VOID(write_pictures(view, flags));
  if (flags.json) {
    auto document = flags.statement ? statement_json(view.record, view.budgets)
                                    : to_json(view.record.delta, view.budgets);
    if (!flags.statement) document["dp_forward"] = forward_json(view.forward);
    if (asks) document["what_if"] = to_json(flags.what_if, answers);
    print_json(std::cout, document);
    return {};
  }
  if (flags.statement) {
    std::cout << statement_text(view.record, view.budgets);
  } else if (!asks) {
    std::cout << view_text(view, flags);
  }
  if (asks) std::cout << to_text(flags.what_if, view.record, answers);
  return {};
}

Status show_budget(BudgetFlags flags) {
  if (flags.plan) {
    if (flags.run.has_value()) {
      return Error{Errc::invalid_config, "--plan is about no run; leave '" + *flags.run + "' out"};
    }
    flags.question.target_epsilon = flags.what_if.target_epsilon;
    return show_plan(flags.question, flags.json, std::cout);
  }
  if (!flags.run.has_value()) {
    return Error{Errc::invalid_config,
                 "name a run, or ask for --plan; see hippocrypt budget --help"};
  }
  HIPPOCRYPT_TRY(const auto folder, federation::find_run_folder(*flags.run));
  HIPPOCRYPT_TRY(const auto record, federation::load_run_record(folder));
  if (has_no_ledgers(record)) return show_reported(folder, flags);
  if (flags.watch) return watch_ledgers(folder, flags);
  HIPPOCRYPT_TRY(const auto view, read_view(folder, {}));
  return show_view(view, flags);
}

void add_flags(CLI::App& command, BudgetFlags& flags) {
  command.add_option("run", flags.run, "A run's name under runs/, or its folder");
  auto* json = command.add_flag("--json", flags.json, "Print JSON");
  auto* plan = command.add_flag("--plan", flags.plan,
                                "No run: the price of --steps with --sampling-rate and "
                                "--noise-multiplier at --delta");
  command.add_option("--png", flags.png, "Draw epsilon against rounds into this file")
      ->excludes(plan);
  command.add_option("--svg", flags.svg, "The same as SVG")->excludes(plan);
  command.add_option("--width", flags.columns, "Columns of the drawing; default: the terminal's")
      ->check(CLI::Range(40, 1000));
  command.add_flag("--ascii", flags.ascii, "Draw in ASCII");
  command.add_option("--target-epsilon", flags.what_if.target_epsilon,
                     "How many more rounds (with --plan: steps) keep to this epsilon?");
  command
      .add_option("--sigma-for-rounds", flags.what_if.sigma_for_rounds,
                  "Which noise multiplier lets this many more rounds fit the budget?")
      ->excludes(plan);
  auto* statement = command.add_flag("--statement", flags.statement, "Print the privacy statement")
                        ->excludes(plan);
  command
      .add_flag("--watch", flags.watch,
                "Redraw as the run's ledgers or reports grow, until it ends")
      ->excludes(plan)
      ->excludes(json)
      ->excludes(statement);
  command.add_option("--sampling-rate", flags.question.sampling_rate, "q of the plan")->needs(plan);
  command.add_option("--noise-multiplier", flags.question.noise_multiplier, "sigma of the plan")
      ->needs(plan);
  command.add_option("--steps", flags.question.steps, "Steps of the plan")->needs(plan);
  command.add_option("--delta", flags.question.delta, "Delta of the plan; default 1e-5")
      ->needs(plan);
}

}  // namespace

void add_budget(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "budget", "Show the privacy budget of a run, by hospital and round, or of a plan");
  const auto flags = std::make_shared<BudgetFlags>();
  add_flags(*command, *flags);
  command->footer(
      "Examples:\n"
      "  hippocrypt budget three_hospitals --png epsilon.png\n"
      "  hippocrypt budget three_hospitals --target-epsilon 5 --sigma-for-rounds 100\n"
      "  hippocrypt budget three_hospitals --statement\n"
      "An aggregator has no ledgers: of its runs, what hospitals chose to report is shown.\n"
      "  hippocrypt budget --plan --sampling-rate 0.02 --noise-multiplier 0.7 --steps 1000 --delta "
      "1e-5");
  command->callback([flags, &exit_code] {
    const Status status = show_budget(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
