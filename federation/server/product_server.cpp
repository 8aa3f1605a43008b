#include "federation/server/product_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "base/random.hpp"
#include "model/files/open_weights.hpp"
#include "protocol/server/deployment.hpp"

namespace hippocrypt::federation {
namespace {

/// The weights at hand serve the start; at a rotation of the masks they are read again.
protocol::Deployment::WeightSource weight_source(const std::string& spec, bool blind_head,
                                                 model::BaseWeights base) {
  auto first = std::make_shared<std::optional<model::BaseWeights>>(std::move(base));
  return [first = std::move(first), spec, blind_head]() -> Result<model::BaseWeights> {
    if (first->has_value()) return std::exchange(*first, std::nullopt).value();
    HIPPOCRYPT_TRY(auto again, model::open_weights(spec));
    if (blind_head) model::offer_head(again);
    return std::move(again.base);
  };
}

}  // namespace

Result<ProductServer> start_product_server(const EncryptionConfig& encryption,
                                           const ServerConfig& server, const std::string& spec,
                                           const model::ModelConfig& config,
                                           model::BaseWeights base,
                                           std::shared_ptr<RandomSource> random,
                                           protocol::BlockRange blocks) {
  if (random == nullptr) random = std::make_shared<SystemRandom>();
  HIPPOCRYPT_TRY(const auto params, params_of(encryption));
  const unsigned threads =
      server.threads > 0 ? server.threads : std::max(1U, std::thread::hardware_concurrency());
  const auto began = std::chrono::steady_clock::now();
  HIPPOCRYPT_TRY(
      std::shared_ptr<const protocol::Deployment> deployment,
      protocol::Deployment::create(
          config, weight_source(spec, encryption.blind_head, std::move(base)),
          {params, static_cast<int>(threads), server.hint_cache, params.max_tiles_per_nonce(),
           encryption.oracle == OracleKind::encrypted_lwe, blocks},
          *random));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  const double megabytes = static_cast<double>(deployment->service()->setup_frame()->size()) / 1e6;
  std::string note =
      fmt::format("weights packed and {:.1f} MB of hints {} in {:.2f} s", megabytes,
                  deployment->from_cache() ? "read from the cache" : "computed", seconds.count());
  const protocol::FrameService* service = deployment.get();
  // The random source goes when the service does.
  auto kept = std::make_shared<std::pair<decltype(random), decltype(deployment)>>(
      std::move(random), std::move(deployment));
  return ProductServer{{std::move(kept), service}, std::move(note)};
}

}  // namespace hippocrypt::federation
