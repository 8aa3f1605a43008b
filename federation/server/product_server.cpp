#include "federation/server/product_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/parallel.hpp"
#include "base/random.hpp"
#include "model/files/open_weights.hpp"
#include "protocol/server/deployment.hpp"

namespace hippocrypt::federation {
namespace {

using protocol::ServedWeights;

struct OpenedModel {
  model::ModelConfig config;
  ServedWeights served;
};

/// Keeps the weights of `wanted.blocks` only.
Result<OpenedModel> open_model(const ModelToServe& wanted, bool blind_head) {
  std::optional<model::ModelFingerprint> hash;
  const auto sink = [&](const model::ModelConfig& config, std::uint32_t block,
                        model::BlockWeights& weights) {
    if (!hash) hash.emplace(config, config->blocks);
    hash->add(weights);
    if (!wanted.blocks.holds(block)) weights = {};
  };
  HIPPOCRYPT_TRY(auto opened, model::open_weights(wanted.spec, sink));
  if (blind_head) model::offer_head(opened);
  HIPPOCRYPT_CHECK(hash.has_value());  // a model has a block
  const Hash256 fingerprint = hash->finish(opened.base.head);
  if (!wanted.blocks.holds(0)) opened.base.head = {};
  return OpenedModel{opened.config, {std::move(opened.base), fingerprint}};
}

/// The weights at hand serve the start; at a rotation of the masks they are read again.
protocol::Deployment::WeightSource weight_source(ModelToServe model, bool blind_head,
                                                 ServedWeights served) {
  auto first = std::make_shared<std::optional<ServedWeights>>(std::move(served));
  return
      [first = std::move(first), model = std::move(model), blind_head]() -> Result<ServedWeights> {
        if (first->has_value()) return std::exchange(*first, std::nullopt).value();
        HIPPOCRYPT_TRY(auto again, open_model(model, blind_head));
        return std::move(again.served);
      };
}

Result<ProductServer> start(const EncryptionConfig& encryption, const ServerConfig& server,
                            const ModelToServe& model, OpenedModel opened,
                            std::shared_ptr<RandomSource> random) {
  if (random == nullptr) random = std::make_shared<SystemRandom>();
  HIPPOCRYPT_TRY(const auto params, params_of(encryption));
  const unsigned threads =
      server.threads > 0 ? server.threads : static_cast<unsigned>(machine_threads());
  const auto began = std::chrono::steady_clock::now();
  HIPPOCRYPT_TRY(
      std::shared_ptr<const protocol::Deployment> deployment,
      protocol::Deployment::create(
          opened.config, weight_source(model, encryption.blind_head, std::move(opened.served)),
          {params, static_cast<int>(threads), server.hint_cache, params.max_tiles_per_nonce(),
           encryption.oracle == OracleKind::encrypted_lwe, model.blocks},
          *random));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  const double megabytes = static_cast<double>(deployment->service()->setup_frame()->size()) / 1e6;
  std::string note =
      fmt::format("weights packed and {:.1f} MB of hints {} in {:.2f} s", megabytes,
                  deployment->from_cache() ? "read from the cache" : "computed", seconds.count());
  const protocol::FrameService* service = deployment.get();
  const Hash256 fingerprint = deployment->model_fingerprint();
  // The random source goes when the service does.
  auto kept = std::make_shared<std::pair<decltype(random), decltype(deployment)>>(
      std::move(random), std::move(deployment));
  return ProductServer{
      {std::move(kept), service}, std::move(note), fingerprint, std::move(opened.config)};
}

}  // namespace

Result<ProductServer> start_product_server(const EncryptionConfig& encryption,
                                           const ServerConfig& server, const std::string& spec,
                                           const model::ModelConfig& config,
                                           model::BaseWeights base,
                                           std::shared_ptr<RandomSource> random) {
  return start(encryption, server, {spec, {}}, {config, ServedWeights::of(config, std::move(base))},
               std::move(random));
}

Result<ProductServer> open_product_server(const EncryptionConfig& encryption,
                                          const ServerConfig& server, const ModelToServe& model,
                                          std::shared_ptr<RandomSource> random) {
  HIPPOCRYPT_TRY(auto opened, open_model(model, encryption.blind_head));
  return start(encryption, server, model, std::move(opened), std::move(random));
}

}  // namespace hippocrypt::federation
