#pragma once
// One name for all of a model's weights.

#include "base/sha256.hpp"
#include "model/weights.hpp"

namespace hippocrypt::cli {

/// SHA-256 over the shape and every weight, the client's and the server's.
Hash256 model_identity(const model::Model& model);

}  // namespace hippocrypt::cli
