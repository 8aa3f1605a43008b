#include "federation/client/hint_keeper.hpp"

#include <utility>

namespace hippocrypt::federation {

std::shared_ptr<protocol::HintKeeper> make_hint_keeper(const HospitalSite& site,
                                                       protocol::HintStore::MakerSource maker) {
  protocol::HintStore::Options options;
  options.folder = site.folder / "hints";
  options.limit_bytes = site.hint_cache_bytes;
  if (site.hint_source != HintSource::download) options.make = std::move(maker);
  options.may_download = site.hint_source != HintSource::compute;
  return std::make_shared<protocol::HintStore>(std::move(options));
}

}  // namespace hippocrypt::federation
