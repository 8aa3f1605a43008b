#pragma once
// The rotary settings of a config.json. Used by hf_config.cpp and hf_model.cpp alone.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/config.hpp"
#include "model/files/json.hpp"

namespace hippocrypt::model {

/// Sets rope_theta and rope_scaling of `literal` from rope_theta and rope_scaling, or
/// rope_parameters; adds a phrase to `unsupported` for what we lack. Errors: malformed.
Status read_hf_rope(const JsonObject& config, ModelLiteral& literal,
                    std::vector<std::string>& unsupported);

/// The value of rope_scaling: null, or an object. The kind must not be `factors`.
Json render_hf_rope(const RopeScaling& scaling);

/// The same rotation without divisors, of which config.json knows nothing: the parameters of
/// Llama 3's scaling (low_frequency 1 and high_frequency 4, as in every published model), or a
/// linear factor, that give the divisors to 1e-4. Errors: unsupported (there are none).
Result<RopeScaling> rope_without_divisors(const ModelLiteral& literal);

}  // namespace hippocrypt::model
