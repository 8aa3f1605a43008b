// hippocrypt join: takes part in a real federation as a hospital.

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "actors/processes/hospital_process.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/run_summary.hpp"
#include "cli/config/site_config.hpp"
#include "cli/network/hospital_servers.hpp"
#include "cli/network/site_endpoints.hpp"
#include "cli/session/hint_maker.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "cli/support/round_console.hpp"

namespace hippocrypt::cli {
namespace {

struct JoinFlags {
  std::string site;
  std::vector<std::string> overrides;
  bool json = false;
};

nlohmann::ordered_json to_json(const actors::RunResult& result) {
  const auto& record = result.record;
  const auto& own = record.hospitals.front();
  return {{"run", record.run},
          {"folder", result.run_folder.string()},
          {"hospital", own.name},
          {"rounds", record.rounds},
          {"seconds", record.seconds},
          {"loss_before", own.loss_before},
          {"loss_after", own.loss_after},
          {"epsilon", own.epsilon},
          {"delta_total", record.delta + own.delta_overflow},
          {"budget", own.budget},
          {"steps", own.steps},
          {"rounds_sat_out", own.rounds_sat_out},
          {"adapter", record.adapter}};
}

void print(const actors::RunResult& result, const std::vector<HospitalBudget>& budgets) {
  const auto& record = result.record;
  std::cout << '\n'
            << loss_table(record) << '\n'
            << rounds_or_where(record, budgets) << '\n'
            << summary_table(budgets) << '\n'
            << end_summary(record, budgets)
            << fmt::format("adapter: {}\nrun:     {}\n", record.adapter,
                           result.run_folder.string());
}

Status join(const JoinFlags& flags) {
  HIPPOCRYPT_TRY(const auto site,
                 load_site_of(federation::PartyRole::hospital, flags.site, flags.overrides));
  actors::HospitalProcessOptions options;
  HIPPOCRYPT_TRY(options.config, load_federation_of(site));
  options.index = hospital_index(options.config, site);
  options.aggregator = connector_options(site.tls, site.hospital.aggregator, net::Role::aggregator);
  options.servers = server_peers(site);
  options.hints = site_hints(site.hospital, options.config);
  options.folder = site.hospital.folder;
  options.signing_key = site.hospital.signing_key;
  options.report_budget = site.hospital.report_budget;
  options.stop = &install_interrupt_handler();
  options.reload = &install_reload_handler();
  Progress progress{std::cerr, {progress_style_of_stderr(), terminal_columns()}};
  RoundConsole console{progress};
  bool has_run = false;
  options.on_event = [&](const federation::metrics::Event& event) { console.hear(event); };
  options.on_run_folder = [&](const std::filesystem::path& folder) {
    has_run = true;
    progress.note("joined; this hospital's folder of the run is " + folder.string());
    return Status{};
  };
  // From then on they are events.
  options.on_progress = [&](const federation::Progress& event) {
    if (!has_run) progress.note(event.source + ": " + event.text);
  };
  HIPPOCRYPT_TRY(const auto result, actors::join_federation(options));
  HIPPOCRYPT_TRY(const auto budgets, read_budgets(result.run_folder, result.record));
  if (flags.json) {
    print_json(std::cout, to_json(result));
  } else {
    print(result, budgets);
  }
  return {};
}

}  // namespace

void add_join(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "join", "Take part in a federation as a hospital: reaches out, nothing listens here");
  const auto flags = std::make_shared<JoinFlags>();
  command->add_option("site", flags->site, "This hospital's TOML file")->required();
  command
      ->add_option("--set", flags->overrides,
                   "key=value over the file, as hospital.budget=4; repeatable")
      ->allow_extra_args(false);
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Waits for the aggregator, takes part until the run is over and leaves the final adapter in\n"
      "the hospital's folder. After a crash or a stop the same command goes on where it was.\n"
      "Example:\n  hippocrypt join site.toml");
  command->callback([flags, &exit_code] {
    const Status status = join(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
