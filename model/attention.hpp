#pragma once
// Causal grouped-query attention over packed sequences that cannot see each other. Scores are kept
// as (keys, queries), so that every inner loop runs along queries, one tile of queries at a time;
// the backward recomputes probabilities instead of storing them.

#include <cstddef>
#include <span>

#include "base/matrix.hpp"
#include "model/batch.hpp"
#include "model/config.hpp"
#include "model/kv_cache.hpp"

namespace hippocrypt::model {

/// out[:,t] of head h = Σ_{u ≤ t, same sequence} softmax_u(q_h[:,t]·k_g[:,u]/sqrt(head_dim))
/// v_g[:,u], g = h / (heads / kv_heads) (Vaswani et al. 2017; Ainslie et al. 2023). qkv ((heads +
/// 2·kv_heads)·head_dim, tokens) = [q; k; v] after the rotary embedding, out (heads·head_dim,
/// tokens), zero at dummies. Threads, here and below, share heads and sequences; the result does
/// not depend on their number.
template <class T>
void attention_forward(const ModelConfig& config, std::span<const SequenceSpan> sequences,
                       ConstMatrixViewT<T> qkv, MatrixViewT<T> out, std::size_t threads = 1);

/// The same out where sequence i's earlier tokens, span.past of them, left their keys and values in
/// block `block` of caches[i]; what the new tokens leave is added there, uncommitted. qkv and out
/// hold the new tokens only.
template <class T>
void attention_extend(const ModelConfig& config, std::span<const SequenceSpan> sequences,
                      std::size_t block, std::span<KvCacheT<T>* const> caches,
                      ConstMatrixViewT<T> qkv, MatrixViewT<T> out, std::size_t threads = 1);

/// dqkv (same shape as qkv) is overwritten with the gradient, zero at dummies.
template <class T>
void attention_backward(const ModelConfig& config, std::span<const SequenceSpan> sequences,
                        ConstMatrixViewT<T> qkv, ConstMatrixViewT<T> dout, MatrixViewT<T> dqkv,
                        std::size_t threads = 1);

}  // namespace hippocrypt::model
