#pragma once
// Embedding and output head. Internal to the transformer. Logits exist for a block of tokens at a
// time, never for all: (vocab, tokens) would be the largest matrix of the model.

#include <span>

#include "base/matrix.hpp"
#include "model/batch.hpp"
#include "model/linear_oracle.hpp"

namespace hippocrypt::model {

/// Column t is row tokens[t] of the embedding (vocab, hidden): (hidden, tokens).
template <class T>
MatrixT<T> embed(const MatrixT<T>& embedding, std::span<const std::uint32_t> tokens);

/// gradient (vocab, hidden) += the columns of dx at the rows of their tokens.
template <class T>
void embed_backward(ConstMatrixViewT<T> dx, std::span<const std::uint32_t> tokens,
                    MatrixT<T>& gradient);

/// Where head_loss leaves gradients; null members are not wanted.
template <class T>
struct HeadSinksT {
  MatrixT<T>* dx = nullptr;     ///< (hidden, tokens), overwritten
  MatrixT<T>* dhead = nullptr;  ///< (vocab, hidden), added to; only together with dx
};

/// Cross-entropy, nll[t] = log Σ_v e^logit[v, t] − logit[target, t], of the tokens whose weight is
/// not 0. head (vocab, hidden), x (hidden, tokens). The result does not depend on `threads`.
template <class T>
LossReportT<T> head_loss(const MatrixT<T>& head, ConstMatrixViewT<T> x, const Batch& batch,
                         const HeadSinksT<T>& sinks, std::size_t threads = 1);

/// head·x, (vocab, tokens).
template <class T>
MatrixT<T> head_logits(const MatrixT<T>& head, ConstMatrixViewT<T> x, std::size_t threads = 1);

/// head_loss() with logits from the oracle, which is asked for those of every token, weighted or
/// not: what is sent says nothing about the batch. `head` serves the gradients, which stay here.
/// Errors: the oracle's; mismatch (an answer of the wrong shape).
template <class T>
Result<LossReportT<T>> blind_head_loss(LinearOracleT<T>& oracle, const MatrixT<T>& head,
                                       ConstMatrixViewT<T> x, const Batch& batch,
                                       const HeadSinksT<T>& sinks, std::size_t threads = 1);

/// (vocab, tokens) from the oracle. Errors: the same.
template <class T>
Result<MatrixT<T>> blind_head_logits(LinearOracleT<T>& oracle, std::size_t vocab,
                                     ConstMatrixViewT<T> x);

}  // namespace hippocrypt::model
