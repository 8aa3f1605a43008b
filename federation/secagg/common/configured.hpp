#pragma once
// From what a TOML file says to checked parameters.

#include "federation/common/federation_config.hpp"
#include "federation/secagg/common/params.hpp"

namespace hippocrypt::federation::secagg {

/// [secagg] and the hospitals' weights. Errors: invalid_config, as Params::create.
Result<Params> params_of(const FederationConfig& config);

}  // namespace hippocrypt::federation::secagg
