#pragma once
// One Llama block, forward and backward, over a LinearOracle. Internal to the transformer.

#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "model/batch.hpp"
#include "model/kv_cache.hpp"
#include "model/linear_oracle.hpp"
#include "model/lora_adapter.hpp"
#include "model/lora_tape.hpp"
#include "model/ops.hpp"
#include "model/transformer_options.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// What every block of one pass shares. All must outlive it; adapter may be null.
template <class T>
struct BlockContextT {
  const ModelConfig& config;
  const ClientWeightsT<T>& weights;
  LinearOracleT<T>& oracle;
  const LoraAdapterT<T>* adapter;
  std::span<const SequenceSpan> sequences;
  const RopeTableT<T>& rope;
  TransformerOptions options = {};
  /// One a sequence where earlier tokens are not in this pass; else empty, and every `past` is 0.
  std::span<KvCacheT<T>* const> kv_caches = {};
};

/// What the backward of one block needs; the rest it computes again.
template <class T>
struct BlockCacheT {
  MatrixT<T> x;        ///< input (hidden, tokens)
  MatrixT<T> qkv;      ///< after the rotary embedding
  MatrixT<T> context;  ///< output of the attention
  MatrixT<T> x_mid;    ///< after the attention's residual
  MatrixT<T> gate_up;
  std::vector<T> inverse_rms_attention, inverse_rms_ffn;  ///< per token
  std::vector<MatrixT<T>> ax;                             ///< per adapted matrix
};

/// Where the backward of one block leaves what somebody asked for; null members are not wanted.
template <class T>
struct BlockSinksT {
  LoraBlockTapeT<T>* tape = nullptr;
  bool tape_inputs = false;    ///< the tape also keeps x
  bool tape_products = false;  ///< the tape also keeps bdy
  ClientWeightsT<T>* gradient = nullptr;
};

/// x (hidden, tokens) → the block's output. Fills `cache` unless it is null, which it must be
/// where kv_caches are used.
/// Errors: the oracle's; mismatch when an answer has the wrong shape.
template <class T>
Result<MatrixT<T>> block_forward(const BlockContextT<T>& context, std::size_t block, MatrixT<T> x,
                                 BlockCacheT<T>* cache);

/// dy (hidden, tokens), the gradient of the block's output → that of its input. Without
/// `want_input_gradient` the oracle is not asked for the qkv product and the value is meaningless.
/// Errors: the same.
template <class T>
Result<MatrixT<T>> block_backward(const BlockContextT<T>& context, std::size_t block, MatrixT<T> dy,
                                  BlockCacheT<T> cache, const BlockSinksT<T>& sinks,
                                  bool want_input_gradient);

/// The approximate backward of Backprop::top_gradient: no product is asked for. With d (hidden,
/// tokens) the gradient of the loss at the top of the residual stream, the tape says that the
/// outputs of o and down have the gradient d and those of all other matrices the gradient 0.
template <class T>
void block_top_gradient(const BlockContextT<T>& context, std::size_t block, const MatrixT<T>& d,
                        BlockCacheT<T> cache, const BlockSinksT<T>& sinks);

}  // namespace hippocrypt::model
