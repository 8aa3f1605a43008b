#pragma once
// The adapter that a federation starts from. Everybody makes it from the configuration, so that
// only what is trained has to travel; the fingerprint shows that they made the same.

#include <vector>

#include "base/sha256.hpp"
#include "federation/common/federation_config.hpp"
#include "model/lora_adapter.hpp"

namespace hippocrypt::federation {

/// What travels and is kept; RoLoRA trains one half of it in a round.
model::Trainable trainable_of(AdapterMode mode);

/// FFA-LoRA and RoLoRA: A orthonormal; Fed-SB: the basis of B too, drawn without a look at data
/// (LoRA-SB's own start takes a first gradient, which would have to be paid for); plain LoRA: A
/// Kaiming-uniform. B = 0 in all. Errors: those of LoraConfig::create; out_of_range (Fed-SB, a rank
/// above the outputs of a target).
Result<model::LoraAdapter> make_initial_adapter(const FederationConfig& config,
                                                const model::ModelConfig& model_config);

/// The trained values in flat order.
std::vector<float> gather_values(const model::LoraAdapter& adapter, model::Trainable trainable,
                                 const model::ModelConfig& model_config);

/// The trained values of an adapter `loaded` from a file, for a run that started from `start`. A
/// file holds A and B; a core is what B is in its basis. Errors: mismatch (other shapes).
Result<std::vector<float>> values_of_file(const model::LoraAdapter& loaded,
                                          const model::LoraAdapter& start, AdapterMode mode,
                                          const model::ModelConfig& model_config);

/// Over the mode, the shapes and every value of A, B and the basis.
Hash256 adapter_fingerprint(AdapterMode mode, const model::LoraAdapter& adapter,
                            const model::ModelConfig& model_config);

}  // namespace hippocrypt::federation
