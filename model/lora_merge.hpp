#pragma once
// A LoRA adapter folded into the weights that it adapts: one model instead of two files.

#include "model/lora_adapter.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// W += (alpha/rank)·B·A for every adapted matrix, each value rounded once. The adapter must be one
/// of a model of this shape.
void merge_adapter(const LoraAdapter& adapter, BaseWeights& base);

}  // namespace hippocrypt::model
