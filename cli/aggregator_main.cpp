// hippocrypt-aggregator: holds one run of a real federation, from a TOML.

#include <fmt/format.h>

#include <iostream>

#include "actors/processes/aggregator_process.hpp"
#include "base/resident_memory.hpp"
#include "cli/config/site_config.hpp"
#include "cli/network/site_endpoints.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/metrics_page.hpp"
#include "cli/support/output.hpp"
#include "cli/support/program.hpp"
#include "cli/support/progress.hpp"
#include "cli/support/round_console.hpp"
#include "cli/support/version.hpp"
#include "federation/report/prometheus_page.hpp"

namespace hippocrypt::cli {
namespace {

struct AggregatorFlags {
  std::string site;
  std::vector<std::string> overrides;
  std::optional<std::string> resume;
  std::uint32_t farewell_s = 300;
  std::optional<std::uint16_t> metrics_port;
  bool json = false;
};

/// RUN as the user names it, also under the party's own runs. Errors: not_found.
Result<std::filesystem::path> find_own_run(const std::filesystem::path& runs,
                                           const std::string& run) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(runs / run / "run.json", ignored)) return runs / run;
  return federation::find_run_folder(run);
}

void print(const actors::RunResult& result, bool json) {
  const auto& record = result.record;
  if (json) {
    print_json(std::cout, {{"run", record.run},
                           {"folder", result.run_folder.string()},
                           {"status", to_string(record.status)},
                           {"rounds", record.rounds},
                           {"seconds", record.seconds},
                           {"adapter", record.adapter}});
    return;
  }
  std::cout << fmt::format(
      "\noutcome: {}, {} of {} rounds in {:.1f} s\n"
      "(losses and ledgers are with the hospitals)\n"
      "adapter: {}\nrun:     {}\n",
      to_string(record.status), record.rounds, record.rounds_planned, record.seconds,
      record.adapter, result.run_folder.string());
}

Status aggregate(const AggregatorFlags& flags) {
  HIPPOCRYPT_TRY(const auto site,
                 load_site_of(federation::PartyRole::aggregator, flags.site, flags.overrides));
  actors::AggregatorProcessOptions options;
  HIPPOCRYPT_TRY(options.config, load_federation_of(site));
  options.listen = listener_options(site.tls, site.aggregator.listen);
  options.certificates = site.aggregator.certificates;
  options.runs = site.aggregator.runs;
  options.farewell = std::chrono::seconds{flags.farewell_s};
  if (flags.resume) {
    HIPPOCRYPT_TRY(options.resume, find_own_run(options.runs, *flags.resume));
  }
  options.stop = &install_interrupt_handler();
  options.reload = &install_reload_handler();
  Progress progress{std::cerr, {ProgressStyle::ends, terminal_columns()}};
  RoundConsole console{progress};
  federation::metrics::PrometheusPage page{options.config.run.name};
  options.on_event = [&](const federation::metrics::Event& event) {
    console.hear(event);
    page.add(event);
  };
  options.on_run_folder = [&](const std::filesystem::path& folder) {
    progress.note("run: " + folder.string());
    return Status{};
  };
  options.on_listening = [&](std::uint16_t port) {
    progress.note(fmt::format("listening at {}:{} for {} hospitals", options.listen.address, port,
                              options.config.hospitals.size()));
  };
  HIPPOCRYPT_TRY(const auto server, serve_metrics(flags.metrics_port,
                                                  [&page] { return page.text(resident_bytes()); }));
  if (server) {
    progress.note(fmt::format("metrics: http://127.0.0.1:{}/metrics", server->port()));
  }
  HIPPOCRYPT_TRY(const auto result, actors::run_aggregator(options));
  print(result, flags.json);
  return {};
}

int run(int argc, const char* const* argv) {
  prepare_process();
  CLI::App app{
      "Holds one run of a federation: waits for the hospitals, sums their masked updates and hands "
      "out what comes of them. It sees no text, no losses and, with secure aggregation, no single "
      "update."};
  app.name("hippocrypt-aggregator");
  app.set_version_flag("--version", [] { return version_text(); });
  AggregatorFlags flags;
  int exit_code = exit_ok;
  app.add_option("site", flags.site, "The aggregator's TOML file")->required();
  app.add_option("--set", flags.overrides, "key=value over the file, as listen.port=0; repeatable")
      ->allow_extra_args(false);
  app.add_option("--resume", flags.resume,
                 "Go on with this run, a name or a folder, where it was stopped");
  app.add_option("--farewell", flags.farewell_s,
                 "Seconds that hospitals may take to fetch the final adapter")
      ->capture_default_str();
  app.add_option("--metrics-port", flags.metrics_port,
                 "Serve figures to Prometheus: http://127.0.0.1:PORT/metrics; 0: any free port");
  app.add_flag("--json", flags.json, "Print the result as JSON");
  app.footer(
      "SIGTERM: tells the hospitals and ends; --resume RUN goes on. SIGHUP: reads certificates "
      "and\n"
      "revocation list again.\nExample:\n  hippocrypt-aggregator aggregator.toml");
  app.callback([&] {
    const Status status = aggregate(flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
  return run_program(app, argc, argv, exit_code,
                     [](const CLI::App&) { return std::string{"hippocrypt-aggregator"}; });
}

}  // namespace
}  // namespace hippocrypt::cli

int main(int argc, char** argv) { return hippocrypt::cli::run(argc, argv); }
