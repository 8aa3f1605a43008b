// hippocrypt preflight: whether a party of a federation is ready.

#include <iostream>
#include <memory>

#include "cli/commands/commands.hpp"
#include "cli/config/site_config.hpp"
#include "cli/preflight/site_preflight.hpp"
#include "cli/support/output.hpp"

namespace hippocrypt::cli {
namespace {

struct PreflightFlags {
  std::string site;
  std::vector<std::string> overrides;
  bool offline = false;
  bool json = false;
};

/// Whether all is well; the checks are printed.
Result<bool> run_preflight(const PreflightFlags& flags) {
  PreflightOptions options;
  HIPPOCRYPT_TRY(options.site, load_site(flags.site, flags.overrides));
  HIPPOCRYPT_TRY(options.config, load_federation_of(options.site));
  options.reach_out = !flags.offline;
  const auto checks = preflight(options, std::chrono::system_clock::now());
  if (flags.json) {
    print_json(std::cout, checks_json(checks));
  } else {
    std::cout << checks_text(checks);
  }
  return all_passed(checks);
}

}  // namespace

void add_preflight(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "preflight", "Check that a hospital, server or aggregator is ready for a run");
  const auto flags = std::make_shared<PreflightFlags>();
  command->add_option("site", flags->site, "The party's TOML file")->required();
  command->add_option("--set", flags->overrides, "key=value over the file; repeatable")
      ->allow_extra_args(false);
  command->add_flag("--offline", flags->offline, "Reach out to nobody");
  command->add_flag("--json", flags->json, "Print the checks as JSON");
  command->footer(
      "Names, certificate, keys, model, memory, disk and the own port; a hospital also reaches out "
      "to\nthe aggregator and its servers: port, clock, bandwidth (some seconds of traffic) and "
      "round trip.\nNot while 'join' runs here: a second session of one hospital ends the first.\n"
      "Exit code 1 if a check failed.\nExample:\n  hippocrypt preflight site.toml");
  command->callback([flags, &exit_code] {
    const auto ready = run_preflight(*flags);
    exit_code = !ready ? report_error(std::cerr, ready.error()) : *ready ? exit_ok : exit_failure;
  });
}

}  // namespace hippocrypt::cli
