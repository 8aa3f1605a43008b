#include "tests/testing_program/roles.hpp"

#include <cstdio>

#include "actors/processes/aggregator_process.hpp"
#include "actors/processes/hospital_process.hpp"
#include "actors/processes/server_process.hpp"
#include "cli/config/site_config.hpp"
#include "cli/network/hospital_servers.hpp"
#include "cli/network/site_endpoints.hpp"
#include "cli/session/hint_maker.hpp"
#include "cli/support/interrupt.hpp"
#include "federation/server/served_models.hpp"
#include "tests/testing_program/kill_switch.hpp"
#include "tests/testing_program/step_prf.hpp"

namespace hippocrypt::testing_program {
namespace {

using federation::PartyRole;

/// HIPPOCRYPT_KILL, where it names this party.
federation::CrashHook kill_hook(const std::string& who) {
  const char* kill = std::getenv("HIPPOCRYPT_KILL");
  if (kill == nullptr) return {};
  const auto kill_switch = std::make_shared<KillSwitch>(parse_kill_point(kill), true);
  return [kill_switch, who](std::string_view point, std::uint64_t round) {
    kill_switch->reach(who, point, round);
  };
}

void tell(const federation::Progress& event) {
  if (event.kind == federation::ProgressKind::step) return;
  std::printf("%s: %s\n", event.source.c_str(), event.text.c_str());
  std::fflush(stdout);
}

Status aggregate(const std::string& file, const std::string& resume) {
  HIPPOCRYPT_TRY(const auto site, cli::load_site_of(PartyRole::aggregator, file, {}));
  actors::AggregatorProcessOptions options;
  HIPPOCRYPT_TRY(options.config, cli::load_federation_of(site));
  options.listen = cli::listener_options(site.tls, site.aggregator.listen);
  options.certificates = site.aggregator.certificates;
  options.runs = site.aggregator.runs;
  if (!resume.empty()) options.resume = resume;
  options.stop = &cli::install_interrupt_handler();
  options.reload = &cli::install_reload_handler();
  options.on_progress = tell;
  options.on_listening = [](std::uint16_t port) {
    std::printf("listening at %u\n", port);
    std::fflush(stdout);
  };
  options.on_point = kill_hook("aggregator");
  const auto result = actors::run_aggregator(options);
  return result ? Status{} : Status{result.error()};
}

Status join(const std::string& file) {
  HIPPOCRYPT_TRY(const auto site, cli::load_site_of(PartyRole::hospital, file, {}));
  actors::HospitalProcessOptions options;
  HIPPOCRYPT_TRY(options.config, cli::load_federation_of(site));
  options.index = cli::hospital_index(options.config, site);
  options.aggregator =
      cli::connector_options(site.tls, site.hospital.aggregator, net::Role::aggregator);
  options.aggregator.longest_wait = std::chrono::seconds{1};
  options.servers = cli::server_peers(site);
  options.hints = cli::site_hints(site.hospital, options.config);
  options.folder = site.hospital.folder;
  options.signing_key = site.hospital.signing_key;
  options.report_budget = site.hospital.report_budget;
  options.stop = &cli::install_interrupt_handler();
  options.reload = &cli::install_reload_handler();
  options.lots = federation::LotSource::seeded_by_step;  // as a simulation's
  options.random = prf_factory(options.config.run.seed);
  options.on_progress = tell;
  options.on_point = kill_hook(site.name);
  const auto result = actors::join_federation(options);
  return result ? Status{} : Status{result.error()};
}

/// With the masks that the blind server of a simulation of the same seed has, at every start.
Status serve(const std::string& file) {
  HIPPOCRYPT_TRY(const auto site, cli::load_site_of(PartyRole::server, file, {}));
  HIPPOCRYPT_TRY(const auto config, cli::load_federation_of(site));
  std::vector<federation::ModelToServe> models;
  for (const auto& model : site.server.models)
    models.push_back({model.path.string(), model.blocks});
  HIPPOCRYPT_TRY(auto served, federation::serve_models(
                                  config.encryption, config.server, models,
                                  make_random(prf_factory(config.run.seed), "blind server")));
  actors::ServerProcessOptions options;
  options.service = std::move(served.service);
  options.listen = cli::listener_options(site.tls, site.server.listen);
  options.hospitals = config.hospital_names();
  options.stop = &cli::install_interrupt_handler();
  options.reload = &cli::install_reload_handler();
  options.log = [](const std::string& text) {
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
  };
  return actors::run_server(options);
}

}  // namespace

std::optional<int> run_role(const std::vector<std::string>& words) {
  std::optional<Status> status;
  if (words.size() == 2 && words[0] == "join") status = join(words[1]);
  if (words.size() == 2 && words[0] == "server") status = serve(words[1]);
  if (words.size() == 2 && words[0] == "aggregator") status = aggregate(words[1], {});
  if (words.size() == 4 && words[0] == "aggregator" && words[2] == "--resume") {
    status = aggregate(words[1], words[3]);
  }
  if (!status) return std::nullopt;
  if (*status) return 0;
  std::printf("error: %s\n", to_string(status->error()).c_str());
  return 1;
}

}  // namespace hippocrypt::testing_program
