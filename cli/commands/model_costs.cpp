#include "cli/commands/model_costs.hpp"

#include <vector>

#include "crypto/core/params.hpp"
#include "protocol/core/limits.hpp"
#include "protocol/core/setup_layout.hpp"

namespace hippocrypt::cli {
namespace {

/// Calls body(out, in, first block's qkv) for every stacked matrix.
template <class Body>
void for_each_site(const model::ModelConfig& config, const Body& body) {
  for (std::size_t block = 0; block < config->blocks; ++block) {
    for (std::size_t g = 0; g < model::linear_group_count; ++g) {
      const auto group = static_cast<model::LinearGroup>(g);
      const bool first = block == 0 && group == model::LinearGroup::qkv;
      body(config.out_features(group), config.in_features(group), first);
    }
  }
}

}  // namespace

ParameterCounts parameter_counts(const model::ModelConfig& config) {
  ParameterCounts out;
  for_each_site(config, [&](std::size_t rows, std::size_t cols, bool) {
    out.frozen += std::uint64_t{rows} * cols;
  });
  out.embedding = std::uint64_t{config->vocab} * config->hidden;
  out.head = config->tied_head ? 0 : out.embedding;
  out.rest = (2 * config->blocks + 1) * config->hidden;
  if (config->qkv_bias) {
    out.rest += config->blocks * config.out_features(model::LinearGroup::qkv);
  }
  return out;
}

std::uint64_t int8_bytes(const model::ModelConfig& config) {
  std::uint64_t bytes = 0;
  for_each_site(config, [&](std::size_t rows, std::size_t cols, bool) {
    bytes += std::uint64_t{rows} * cols + rows * sizeof(float);
  });
  return bytes;
}

std::optional<std::uint64_t> hint_bytes(const model::ModelConfig& config, std::size_t ring_dim) {
  std::vector<protocol::SiteEntry> sites;
  bool within_limits = config->blocks * model::linear_group_count <= protocol::max_sites;
  for_each_site(config, [&](std::size_t rows, std::size_t cols, bool) {
    within_limits =
        within_limits && rows <= protocol::max_features && cols <= protocol::max_features;
    protocol::SiteEntry site;
    site.out = static_cast<std::uint32_t>(rows);
    site.in = static_cast<std::uint32_t>(cols);
    sites.push_back(site);
  });
  if (!within_limits) return {};
  return protocol::lay_out_setup(sites, ring_dim).body_bytes;
}

TokenTraffic token_traffic(const model::ModelConfig& config) {
  TokenTraffic out;
  for_each_site(config, [&](std::size_t rows, std::size_t cols, bool first) {
    out.forward_up += cols * crypto::upload_bytes_per_value;
    out.forward_down += rows * crypto::download_bytes_per_value;
    if (first) return;  // only the embedding's gradient would need it
    out.backward_up += rows * crypto::upload_bytes_per_value;
    out.backward_down += cols * crypto::download_bytes_per_value;
  });
  return out;
}

}  // namespace hippocrypt::cli
