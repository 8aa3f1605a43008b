#pragma once
// The gradient of any unit (some whole sequences of a batch), cut from the tape of one backward,
// and its norm without the gradient. A unit must be made of whole sequences: a part of one would
// miss what its other tokens owe to it.
//
// An adapted matrix of a block is a layer here. Layers are numbered block after block, target after
// target, which is the adapter's flat order.

#include <cstddef>
#include <span>
#include <vector>

#include "model/lora_tape.hpp"

namespace hippocrypt::model {

/// Number of trained values of every layer; their sum is trainable_count().
template <class T>
std::vector<std::size_t> layer_sizes(const LoraTapeT<T>& tape);
std::vector<std::size_t> layer_sizes(const LoraAdapter& adapter, Trainable trainable);

/// out = the gradient of sum_{t in unit_ranges} weight_t * nll_t with respect to the layer's
/// trained values: A row-major, if trained, then B row-major, if trained, or the core. out must
/// have the layer's size.
template <class T>
void layer_gradient(const LoraTapeT<T>& tape, std::size_t layer,
                    std::span<const SequenceSpan> unit_ranges, std::span<T> out);

/// The same for all layers. flat_out must have trainable_count() values. No result here depends on
/// `threads`.
template <class T>
void unit_gradient(const LoraTapeT<T>& tape, std::span<const SequenceSpan> unit_ranges,
                   std::span<T> flat_out, std::size_t threads = 1);

/// Squared L2 norm of the gradient of every unit's layer, unit after unit (units * layers).
/// A factor's gradient is a product L * R^T over the unit's tokens, so its squared norm is
/// sum_{t,u} (l_t . l_u)(r_t . r_u): two Gram matrices of tokens by tokens, which is less work than
/// the product for a unit of fewer tokens than about half the rank ("ghost norm", Li et al. 2022,
/// arXiv:2110.05679). For longer units the product is made in memory of one layer and forgotten.
std::vector<double> unit_squares(const LoraTape& tape,
                                 std::span<const std::vector<SequenceSpan>> units,
                                 std::size_t threads = 1);

/// How unit_squares() finds a norm; for tests and measurements. `automatic` is the cheaper one.
enum class NormBy { automatic, gram, product };
std::vector<double> unit_squares(const LoraTape& tape,
                                 std::span<const std::vector<SequenceSpan>> units,
                                 std::size_t threads, NormBy by);

}  // namespace hippocrypt::model
