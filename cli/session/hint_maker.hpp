#pragma once
// Hints from the weights themselves, for a hospital that has the whole model: what the blind server
// would send. It joins the server's arithmetic to the client's store, which know nothing of each
// other.

#include <string>

#include "protocol/client/hint_store.hpp"

namespace hippocrypt::cli {

/// Opens the weights of `spec` when asked, and holds them as long as the maker lives; `threads`
/// multiply. Errors of the source: those of model::open_weights, unsupported for a hospital's part.
protocol::HintStore::MakerSource hint_maker(std::string spec, bool blind_head, int threads);

}  // namespace hippocrypt::cli
