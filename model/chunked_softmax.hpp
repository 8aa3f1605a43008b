#pragma once
// Softmax over a vocabulary whose logits come in chunks of rows, so that several threads can make
// them; sums are joined in the order of the chunks. Internal to the head.

#include <cstddef>
#include <span>

#include "base/matrix.hpp"

namespace hippocrypt::model {

/// Every chunk keeps its own largest logit a token (Milakov and Gimelshein 2018), so a chunk is
/// finished while it is in the cache. Calls for different chunks may run at once.
template <class T>
class ChunkedSoftmaxT {
 public:
  ChunkedSoftmaxT(std::size_t chunks, std::size_t tokens);
  /// logits (rows of the chunk, at least 1; tokens) become e^(logit − the chunk's largest).
  void exponentiate(std::size_t chunk, MatrixViewT<T> logits);
  /// After all chunks: log Σ_v e^logit[v, t] of every token.
  void join(std::span<T> log_sums);
  /// After join(): what exponentiate() left becomes weights[t]·softmax[v, t].
  void to_probabilities(std::size_t chunk, std::span<const T> weights,
                        MatrixViewT<T> exponentials) const;

 private:
  MatrixT<T> largest_, sum_;  ///< (chunks, tokens)
  MatrixT<T> all_;            ///< (2, tokens): the largest logit and the sum over all chunks
};

}  // namespace hippocrypt::model
