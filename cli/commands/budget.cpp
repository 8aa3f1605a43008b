// hippocrypt budget: what every hospital's ledger says about a run.

#include <iostream>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/commands/forward_accounts.hpp"
#include "cli/commands/run_budgets.hpp"
#include "cli/support/output.hpp"

namespace hippocrypt::cli {
namespace {

struct BudgetFlags {
  std::string run;
  bool json = false;
};

Status show_budget(const BudgetFlags& flags) {
  HIPPOCRYPT_TRY(const auto folder, federation::find_run_folder(flags.run));
  HIPPOCRYPT_TRY(const auto record, federation::load_run_record(folder));
  HIPPOCRYPT_TRY(const auto budgets, read_budgets(folder, record));
  HIPPOCRYPT_TRY(const auto forward, read_forward_accounts(folder, record));
  if (flags.json) {
    auto document = to_json(record.delta, budgets);
    document["dp_forward"] = forward_json(forward);
    print_json(std::cout, document);
    return {};
  }
  std::cout << round_table(budgets) << '\n' << summary_table(budgets) << account_note(budgets);
  const std::string forward_lines = forward_text(record, forward);
  if (!forward_lines.empty()) std::cout << '\n' << forward_lines;
  return {};
}

}  // namespace

void add_budget(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("budget", "Show the privacy budget of a run, by hospital and round");
  const auto flags = std::make_shared<BudgetFlags>();
  command->add_option("run", flags->run, "A run's name under runs/, or its folder")->required();
  command->add_flag("--json", flags->json, "Print JSON");
  command->footer("Example:\n  hippocrypt budget three_hospitals");
  command->callback([flags, &exit_code] {
    const Status status = show_budget(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
