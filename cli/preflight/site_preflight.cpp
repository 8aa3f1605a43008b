#include "cli/preflight/site_preflight.hpp"

#include <fmt/format.h>

#include "cli/network/site_endpoints.hpp"
#include "cli/preflight/certificate_checks.hpp"
#include "cli/preflight/forecast.hpp"
#include "cli/preflight/line_checks.hpp"
#include "cli/preflight/machine_checks.hpp"
#include "cli/preflight/model_checks.hpp"
#include "model/files/open_weights.hpp"

namespace hippocrypt::cli {
namespace {

using federation::PartyRole;

net::Role role_of(PartyRole role) {
  switch (role) {
    case PartyRole::hospital:
      return net::Role::hospital;
    case PartyRole::server:
      return net::Role::server;
    case PartyRole::aggregator:
      break;
  }
  return net::Role::aggregator;
}

OwnFiles own_files(const federation::SiteFile& site) {
  OwnFiles files;
  files.authority = site.tls.authority;
  files.certificate = site.tls.certificate;
  files.key = site.tls.key;
  files.revoked = site.tls.revoked;
  files.signing_key = site.hospital.signing_key;
  files.role = role_of(site.role);
  files.name = site.name;
  return files;
}

class Preflight {
 public:
  explicit Preflight(const PreflightOptions& options) : options_{options} {}

  std::vector<Check> run(WallTime now) {
    add(check_certificate(own_files(options_.site), now));
    const auto shape = check_model();
    if (shape) check_needs(*shape);
    check_listening();
    return std::move(checks_);
  }

 private:
  void add(std::vector<Check> checks) {
    for (auto& check : checks) checks_.push_back(std::move(check));
  }

  std::optional<model::ModelConfig> check_model() {
    const std::string path = options_.config.model.path.string();
    auto shape = model::open_config(path);
    if (!shape) {
      add({failed("model", shape.error().detail + "; model.path of the federation's file, or the "
                                                  "copy here, is wrong")});
      return std::nullopt;
    }
    const auto& config = *shape;
    add({passed("model",
                fmt::format("{}: {} blocks of width {}", path, config->blocks, config->hidden))});
    return std::move(shape).value();
  }

  void check_needs(const model::ModelConfig& shape) {
    const auto forecast = forecast_site(options_.site, options_.config, shape);
    if (!forecast) {
      add({failed("forecast", forecast.error().detail)});
      return;
    }
    add({check_memory(forecast->memory_bytes, available_memory())});
    check_folder(*forecast);
    if (options_.site.role != PartyRole::hospital) return;
    const auto& hospital = options_.site.hospital;
    check_peer(hospital.aggregator, net::Role::aggregator, forecast->aggregator, options_.line);
    for (std::size_t i = 0; i < hospital.servers.size(); ++i) {
      check_server(hospital.servers[i], shape, forecast->servers[i]);
    }
  }

  void check_server(const federation::BlindServerPeer& server, const model::ModelConfig& shape,
                    const RoundNeeds& needs) {
    net::LineProbeOptions line = options_.line;
    if (!own_model_ && options_.reach_out) own_model_ = own_fingerprint(options_.config);
    const Result<Hash256> own = own_model_.value_or(Hash256{});
    const auto question = model_question(options_.config.encryption, shape, server.blocks.first,
                                         own ? *own : Hash256{});
    if (!question) return add({failed("model", question.error().detail)});
    line.question = *question;
    const auto answer = check_peer(server.peer, net::Role::server, needs, line);
    if (!options_.reach_out) return;
    add({judge_model(fmt::format("{}:{}", server.peer.host, server.peer.port), answer, own)});
  }

  void check_folder(const SiteForecast& forecast) {
    switch (options_.site.role) {
      case PartyRole::hospital:
        add({check_disk(options_.site.hospital.folder, forecast.disk_bytes, "hints and state")});
        return;
      case PartyRole::server:
        if (options_.config.server.hint_cache.empty()) {
          add({skipped("disk", "no server.hint_cache: nothing is kept")});
        } else {
          add({check_disk(options_.config.server.hint_cache, forecast.disk_bytes, "hints")});
        }
        return;
      case PartyRole::aggregator:
        add({check_disk(options_.site.aggregator.runs, forecast.disk_bytes, "runs")});
        return;
    }
  }

  SharedBytes check_peer(const federation::PeerConfig& peer, net::Role role,
                         const RoundNeeds& needs, const net::LineProbeOptions& line) {
    if (!options_.reach_out) {
      add({skipped(fmt::format("port of {}:{}", peer.host, peer.port), "was not tried")});
      return {};
    }
    auto checked = check_line(connector_options(options_.site.tls, peer, role), needs, line);
    add(std::move(checked.checks));
    return std::move(checked.answer);
  }

  void check_listening() {
    const auto& site = options_.site;
    if (site.role == PartyRole::hospital) return;
    const auto& listen =
        site.role == PartyRole::server ? site.server.listen : site.aggregator.listen;
    add({check_own_port(listen.address, listen.port)});
  }

  const PreflightOptions& options_;
  std::vector<Check> checks_;
  std::optional<Result<Hash256>> own_model_;  ///< read once, before a server is asked
};

}  // namespace

std::vector<Check> preflight(const PreflightOptions& options, WallTime now) {
  return Preflight{options}.run(now);
}

}  // namespace hippocrypt::cli
