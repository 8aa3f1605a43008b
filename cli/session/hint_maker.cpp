#include "cli/session/hint_maker.hpp"

#include <memory>
#include <utility>

#include "base/parallel.hpp"
#include "federation/client/hint_keeper.hpp"
#include "model/files/open_weights.hpp"
#include "protocol/server/setup_builder.hpp"

namespace hippocrypt::cli {

protocol::HintStore::MakerSource hint_maker(std::string spec, bool blind_head, int threads) {
  return [spec = std::move(spec), blind_head, threads]() -> Result<protocol::HintStore::Maker> {
    HIPPOCRYPT_TRY(model::Model model, model::open_weights(spec));
    if (blind_head) model::offer_head(model);
    const auto base = std::make_shared<const model::BaseWeights>(std::move(model.base));
    return protocol::HintStore::Maker{
        [base, threads](const protocol::TileKind& kind, crypto::LanePolysView masks) {
          return protocol::compute_site_hints(*base, kind.site, kind.direction, masks, threads);
        }};
  };
}

std::shared_ptr<protocol::HintKeeper> site_hints(const federation::HospitalSite& site,
                                                 const federation::FederationConfig& config) {
  return federation::make_hint_keeper(
      site, hint_maker(config.model.path.string(), config.encryption.blind_head,
                       static_cast<int>(machine_threads())));
}

}  // namespace hippocrypt::cli
