// hippocrypt plan: what a run will cost, before it starts.

#include <iostream>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/config/load_config.hpp"
#include "cli/config/site_config.hpp"
#include "cli/plan/plan_report.hpp"
#include "cli/support/output.hpp"
#include "cli/support/scratch_folder.hpp"

namespace hippocrypt::cli {
namespace {

struct PlanFlags {
  std::string config;
  std::vector<std::string> overrides;
  std::optional<std::string> oracle;
  bool no_calibration = false;
  bool json = false;
};

/// A federation as one process runs it.
Result<PlanOptions> options_of_run(const PlanFlags& flags) {
  std::vector<std::string> overrides = flags.overrides;
  if (flags.oracle) overrides.push_back("encryption.oracle=\"" + *flags.oracle + "\"");
  PlanOptions options;
  HIPPOCRYPT_TRY(options.config, load_config(flags.config, overrides));
  return options;
}

/// The part of one hospital, whose file this is.
Result<PlanOptions> options_of_site(const PlanFlags& flags) {
  if (flags.oracle) {
    return Error{Errc::invalid_config,
                 "--oracle is for a federation's file; what " + flags.config +
                     " is part of runs with the oracle that its federation's file names"};
  }
  HIPPOCRYPT_TRY(const auto site,
                 load_site_of(federation::PartyRole::hospital, flags.config, flags.overrides));
  PlanOptions options;
  HIPPOCRYPT_TRY(options.config, load_federation_of(site));
  options.site = PlannedSite{hospital_index(options.config, site), site.hospital.hint_cache_bytes};
  return options;
}

Status plan(const PlanFlags& flags) {
  HIPPOCRYPT_TRY(const bool is_site, is_site_file(flags.config));
  HIPPOCRYPT_TRY(auto options, is_site ? options_of_site(flags) : options_of_run(flags));
  HIPPOCRYPT_TRY(const auto scratch, ScratchFolder::create("plan"));
  options.scratch = scratch->next();
  options.calibrate = !flags.no_calibration;
  HIPPOCRYPT_TRY(const auto foreseen, plan_run(options));
  if (flags.json) {
    print_json(std::cout, plan_json(foreseen));
  } else {
    std::cout << plan_text(foreseen);
  }
  return {};
}

}  // namespace

void add_plan(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "plan", "What a run will cost before it starts: bytes, epsilon, memory, time");
  const auto flags = std::make_shared<PlanFlags>();
  command->add_option("config", flags->config, "The federation's TOML file, or a hospital's own")
      ->required();
  command->add_option("--set", flags->overrides, "key=value over the file; repeatable")
      ->allow_extra_args(false);
  command->add_option("--oracle", flags->oracle,
                      "plain-fp32, plain-int8, encrypted or encrypted-lwe, over the file's choice");
  command->add_flag("--no-calibration", flags->no_calibration,
                    "Take no steps: memory from shapes alone, and no time");
  command->add_flag("--json", flags->json, "Print the result as JSON");
  command->footer(
      "Nothing is charged: the steps that are timed are taken on a ledger that is thrown away.\n"
      "One hospital is planned as `train` runs it, several as `simulate` does; a hospital's own "
      "file\n(site.toml) as `join` does, by the notes that are here.\n"
      "Example:\n  hippocrypt plan configs/three_hospitals.toml --set run.rounds=20");
  command->callback([flags, &exit_code] {
    const Status status = plan(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
}

}  // namespace hippocrypt::cli
