#pragma once
// A hospital's hints as its own file asks for them.

#include <memory>

#include "federation/common/site_config.hpp"
#include "protocol/client/hint_store.hpp"

namespace hippocrypt::federation {

/// Keeps up to site.hint_cache_bytes in the folder "hints" of the hospital's state; the rest is
/// streamed. `maker` computes hints where site.hint_source allows it and the weights are here.
std::shared_ptr<protocol::HintKeeper> make_hint_keeper(const HospitalSite& site,
                                                       protocol::HintStore::MakerSource maker);

}  // namespace hippocrypt::federation
