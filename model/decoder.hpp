#pragma once
// A transformer that remembers: every pass takes only the tokens that are new, for one or several
// sequences at once, and finds the earlier ones in their caches.

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "model/batch.hpp"
#include "model/config.hpp"
#include "model/kv_cache.hpp"
#include "model/linear_oracle.hpp"
#include "model/lora_adapter.hpp"
#include "model/ops.hpp"
#include "model/transformer_options.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// The next tokens of one sequence.
template <class T>
struct ContinuationT {
  KvCacheT<T>* cache;  ///< of the tokens before them; another for every sequence of a pass
  std::span<const std::uint32_t> tokens;
};
using Continuation = ContinuationT<float>;

/// Not thread-safe with respect to the oracle.
template <class T>
class DecoderT {
 public:
  /// Everything passed must outlive the decoder; adapter null: the base model. The weights must
  /// fit the config (check_weights()), and an adapter too. No sequence may become longer than
  /// `positions`.
  DecoderT(const ModelConfig& config, const ClientWeightsT<T>& weights, LinearOracleT<T>& oracle,
           const LoraAdapterT<T>* adapter, std::size_t positions,
           const TransformerOptions& options = {});

  /// Adds the tokens to their caches → the logits behind the last token of each sequence
  /// (vocab, sequences). One forward pass, 4
  /// products a block, whose columns are all the new tokens. Errors, here and below: out_of_range
  /// (no tokens, or one outside the vocabulary), limit_exceeded (more tokens than the cache or
  /// `positions` have room for), the oracle's, mismatch (an answer of the wrong shape). After an
  /// error the caches are as before.
  Result<MatrixT<T>> advance(std::span<const ContinuationT<T>> next) const;

  /// The same pass for the losses in nats of every token but the first of each continuation, given
  /// all before it; one vector a sequence.
  Result<std::vector<std::vector<T>>> score(std::span<const ContinuationT<T>> next) const;

 private:
  Result<Batch> batch_of(std::span<const ContinuationT<T>> next) const;
  static void commit(std::span<const ContinuationT<T>> next, const Batch& batch);
  Result<MatrixT<T>> pass(std::span<const ContinuationT<T>> next, const Batch& batch) const;

  const ModelConfig& config_;
  const ClientWeightsT<T>& weights_;
  LinearOracleT<T>& oracle_;
  const LoraAdapterT<T>* adapter_;
  std::size_t positions_;
  TransformerOptions options_;
  RopeTableT<T> rope_;
};
using Decoder = DecoderT<float>;

extern template class DecoderT<float>;
extern template class DecoderT<double>;
extern template class DecoderT<std::complex<double>>;

}  // namespace hippocrypt::model
