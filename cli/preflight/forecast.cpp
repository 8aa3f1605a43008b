#include "cli/preflight/forecast.hpp"

#include <algorithm>

#include "cli/config/site_config.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/client/lot_packing.hpp"
#include "federation/plan/aggregator_traffic.hpp"
#include "federation/plan/link_traffic.hpp"
#include "federation/plan/memory_forecast.hpp"
#include "federation/plan/server_traffic.hpp"
#include "model/files/open_weights.hpp"

namespace hippocrypt::cli {
namespace {

using federation::FederationConfig;
using federation::SiteFile;

/// What journals and ledgers take besides adapters, and how many adapters a party keeps of a
/// round that goes on.
constexpr std::uint64_t journal_bytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kept_adapters = 16;
constexpr std::uint64_t value_bytes = 8;

Result<std::size_t> trained_values(const FederationConfig& config,
                                   const model::ModelConfig& shape) {
  HIPPOCRYPT_TRY(const auto adapter, federation::make_initial_adapter(config, shape));
  return model::trainable_count(shape, adapter.config(),
                                federation::trainable_of(config.adapter.mode));
}

/// Of the largest pass: all tiles, or without a server a lot that is half as large again as usual.
std::size_t pass_tokens(const FederationConfig& config) {
  const std::size_t room = federation::step_room(config.training, config.encryption).pass_tokens;
  if (config.encryption.uses_server()) return room;
  const double lot =
      1.5 * config.privacy.expected_lot * static_cast<double>(config.training.max_patient_tokens);
  return std::min(room, static_cast<std::size_t>(lot));
}

RoundNeeds needs(const federation::Traffic& traffic, double share, const FederationConfig& config) {
  return {static_cast<double>(traffic.up) * share, static_cast<double>(traffic.down) * share,
          config.rounds.deadline_s};
}

/// How much of a model lies in the blocks.
double share_of(const protocol::BlockRange& range, std::size_t blocks) {
  const std::size_t first = std::min<std::size_t>(range.first, blocks);
  const std::size_t end = std::min<std::size_t>(std::size_t{range.last} + 1, blocks);
  return end > first ? static_cast<double>(end - first) / static_cast<double>(blocks) : 0;
}

Result<SiteForecast> forecast_hospital(const SiteFile& site, const FederationConfig& config,
                                       const model::ModelConfig& shape) {
  HIPPOCRYPT_TRY(const std::size_t values, trained_values(config, shape));
  HIPPOCRYPT_TRY(const auto server,
                 federation::server_traffic(config, shape, site.hospital.hint_cache_bytes));
  HIPPOCRYPT_TRY(const auto aggregator,
                 federation::aggregator_traffic(config, hospital_index(config, site), values));
  const auto memory = federation::forecast_memory(config, shape, pass_tokens(config));
  SiteForecast out;
  out.memory_bytes = memory.hospital_process();
  out.disk_bytes =
      journal_bytes + kept_adapters * values * value_bytes + server.kept_hint_bytes;
  out.aggregator = needs(federation::on_link(aggregator.round, aggregator.round_frames), 1, config);
  const auto products = federation::products_on_link(server, config.run.steps_per_round);
  for (const auto& each : site.hospital.servers) {
    out.servers.push_back(needs(products, share_of(each.blocks, shape->blocks), config));
  }
  return out;
}

Result<SiteForecast> forecast_server(const SiteFile& site, const FederationConfig& config) {
  SiteForecast out;
  out.memory_bytes = site.server.limits.memory_bytes;
  std::uint64_t opening = 0;
  for (const auto& each : site.server.models) {
    HIPPOCRYPT_TRY(const auto shape, model::open_config(each.path.string()));
    HIPPOCRYPT_TRY(const auto traffic, federation::server_traffic(config, shape));
    const auto memory = federation::forecast_memory(config, shape, 0);
    const double share = share_of(each.blocks, shape->blocks);
    out.memory_bytes += static_cast<std::uint64_t>(share * static_cast<double>(memory.server));
    out.disk_bytes += static_cast<std::uint64_t>(share * static_cast<double>(traffic.setup.down));
    opening = std::max(opening, memory.program + memory.model);
  }
  out.memory_bytes += opening;
  return out;
}

Result<SiteForecast> forecast_aggregator(const FederationConfig& config,
                                         const model::ModelConfig& shape) {
  HIPPOCRYPT_TRY(const std::size_t values, trained_values(config, shape));
  SiteForecast out;
  const std::uint64_t updates = config.hospitals.size() + kept_adapters;
  out.memory_bytes = journal_bytes + updates * values * value_bytes;
  out.disk_bytes = journal_bytes + updates * values * value_bytes;
  return out;
}

}  // namespace

Result<SiteForecast> forecast_site(const SiteFile& site, const FederationConfig& config,
                                   const model::ModelConfig& shape) {
  switch (site.role) {
    case federation::PartyRole::hospital:
      return forecast_hospital(site, config, shape);
    case federation::PartyRole::server:
      return forecast_server(site, config);
    case federation::PartyRole::aggregator:
      break;
  }
  return forecast_aggregator(config, shape);
}

}  // namespace hippocrypt::cli
