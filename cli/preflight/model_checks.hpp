#pragma once
// Whether a hospital's copy of the model is the one that its blind servers multiply by.

#include <optional>
#include <string>

#include "base/sha256.hpp"
#include "base/shared_bytes.hpp"
#include "cli/preflight/check.hpp"
#include "federation/common/federation_config.hpp"
#include "model/config.hpp"
#include "net/probe/line_probe.hpp"

namespace hippocrypt::cli {

/// Asks the server that holds `block` what model of this shape it has: that of `weights`, if there
/// are several. Errors: those of params_of.
Result<net::LineQuestion> model_question(const federation::EncryptionConfig& encryption,
                                         const model::ModelConfig& shape, std::uint32_t block,
                                         const Hash256& weights);

/// Of the weights at hand, as the server names its own; reads all of them, where this is not a
/// hospital's part, which says whose it is. Errors: those of model::open_weights and
/// model::load_hospital_part.
Result<Hash256> own_fingerprint(const federation::FederationConfig& config);

/// `answer` is the server's to the question. Null: it was not reached.
Check judge_model(const std::string& where, const SharedBytes& answer, const Result<Hash256>& own);

}  // namespace hippocrypt::cli
