#pragma once
// Hints from the weights themselves, for a hospital that has the whole model: what the blind server
// would send. It joins the server's arithmetic to the client's store, which know nothing of each
// other.

#include <memory>
#include <string>

#include "federation/common/federation_config.hpp"
#include "federation/common/site_config.hpp"
#include "protocol/client/hint_store.hpp"

namespace hippocrypt::cli {

/// Opens the weights of `spec` when asked, and holds them as long as the maker lives; `threads`
/// multiply. Errors of the source: those of model::open_weights, unsupported for a hospital's part.
protocol::HintStore::MakerSource hint_maker(std::string spec, bool blind_head, int threads);

/// The hints of a hospital in a real federation, as its file asks for them: from the federation's
/// model where that is all here, or from the servers.
std::shared_ptr<protocol::HintKeeper> site_hints(const federation::HospitalSite& site,
                                                 const federation::FederationConfig& config);

}  // namespace hippocrypt::cli
