// hippocrypt-server: the blind server of a real federation, from a TOML.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <mutex>

#include "actors/processes/server_process.hpp"
#include "base/resident_memory.hpp"
#include "cli/config/site_config.hpp"
#include "cli/network/site_endpoints.hpp"
#include "cli/server/server_page.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/metrics_page.hpp"
#include "cli/support/output.hpp"
#include "cli/support/program.hpp"
#include "cli/support/version.hpp"
#include "federation/server/served_models.hpp"

namespace hippocrypt::cli {
namespace {

struct ServerFlags {
  std::string site;
  std::vector<std::string> overrides;
  std::optional<std::uint16_t> metrics_port;
};

/// One line with the time, from any thread. What peers say of themselves cannot forge another.
void log_line(std::string text) {
  static std::mutex mutex;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  const std::lock_guard lock{mutex};
  std::cerr << fmt::format("{:%Y-%m-%dT%H:%M:%SZ} {}\n", fmt::gmtime(std::time(nullptr)), text)
            << std::flush;
}

Result<federation::ServedModels> open_models(const federation::FederationConfig& config,
                                             const federation::SiteFile& site) {
  std::vector<federation::ModelToServe> models;
  for (const auto& model : site.server.models) {
    models.push_back({model.path.string(), model.blocks});
  }
  HIPPOCRYPT_TRY(auto served, federation::serve_models(config.encryption, config.server, models));
  for (const std::string& note : served.notes) log_line(note);
  return served;
}

actors::ServerProcessOptions process_options(const federation::FederationConfig& config,
                                             const federation::SiteFile& site) {
  actors::ServerProcessOptions options;
  options.listen = listener_options(site.tls, site.server.listen);
  const auto& limits = site.server.limits;
  options.listen.sessions = limits.sessions;
  options.listen.messages_per_s = limits.messages_per_s;
  options.listen.memory_bytes = limits.memory_bytes;
  options.listen.limits.inbound_messages = limits.queue;
  options.hospitals = config.hospital_names();
  options.certificates = site.server.certificates;
  options.counters = std::make_shared<actors::IngressCounters>();
  options.stop = &install_interrupt_handler();
  options.reload = &install_reload_handler();
  options.log = log_line;
  options.on_listening = [address = site.server.listen.address](std::uint16_t port) {
    log_line(fmt::format("listening on {}:{}", address, port));
  };
  return options;
}

Status serve(const ServerFlags& flags) {
  HIPPOCRYPT_TRY(const auto site,
                 load_site_of(federation::PartyRole::server, flags.site, flags.overrides));
  HIPPOCRYPT_TRY(const auto config, load_federation_of(site));
  if (!config.encryption.uses_server()) {
    return Error{Errc::invalid_config,
                 site.federation.string() + ": encryption.oracle = \"" +
                     to_string(config.encryption.oracle) +
                     "\": the hospitals of this federation ask no blind server"};
  }
  auto options = process_options(config, site);
  ServerPage page{options.counters, ServerPage::Clock::now()};
  HIPPOCRYPT_TRY(const auto metrics, serve_metrics(flags.metrics_port, [&page] {
                   return page.text(ServerPage::Clock::now(), resident_bytes());
                 }));
  if (metrics) log_line(fmt::format("metrics at http://127.0.0.1:{}/metrics", metrics->port()));
  HIPPOCRYPT_TRY(auto served, open_models(config, site));
  options.service = std::move(served.service);
  HIPPOCRYPT_TRY_VOID(actors::run_server(options));
  log_line("stopped");
  return {};
}

int run(int argc, const char* const* argv) {
  prepare_process();
  CLI::App app{
      "The blind server of a federation: multiplies the hospitals' ciphertexts by the model's\n"
      "weights and can read none of them."};
  app.name("hippocrypt-server");
  app.set_version_flag("--version", [] { return version_text(); });
  app.footer(
      "Serves until SIGTERM or Ctrl-C, which lets it finish what it is computing; SIGHUP reads\n"
      "certificates and the revocation list again.\n"
      "Example:\n  hippocrypt-server site.toml --metrics-port 9100");
  ServerFlags flags;
  int exit_code = exit_ok;
  app.add_option("site", flags.site, "This server's TOML file")->required();
  app.add_option("--set", flags.overrides, "key=value over the file, as listen.port=0; repeatable")
      ->allow_extra_args(false);
  app.add_option("--metrics-port", flags.metrics_port,
                 "Serve a page of metrics at this port of this machine (0: any free one)");
  app.callback([&] {
    const Status status = serve(flags);
    exit_code = status ? exit_ok : report_error(std::cerr, status.error());
  });
  return run_program(app, argc, argv, exit_code,
                     [](const CLI::App&) { return std::string{"hippocrypt-server"}; });
}

}  // namespace
}  // namespace hippocrypt::cli

int main(int argc, char** argv) { return hippocrypt::cli::run(argc, argv); }
