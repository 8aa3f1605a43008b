#pragma once
// From the tape of one pass to the clipped sum of its units.

#include <cstddef>
#include <span>
#include <vector>

#include "model/lora_tape.hpp"
#include "privacy/dp_sgd/clipping.hpp"

namespace hippocrypt::federation {

/// Adds every unit's clipped gradient to `lot`, whose layers are those of the tape
/// (model::layer_sizes). Norms first, then each layer of each unit once more, scaled: no unit's
/// whole gradient is ever in memory. `units` holds each unit's sequences in the pass.
void add_units(const model::LoraTape& tape, std::span<const std::vector<model::SequenceSpan>> units,
               privacy::LotAccumulator& lot, std::size_t threads);

}  // namespace hippocrypt::federation
