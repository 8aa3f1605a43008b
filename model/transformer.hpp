#pragma once
// A Llama-family transformer (RMSNorm, RoPE, grouped-query attention, SwiGLU) whose products with
// the frozen matrices come from a LinearOracle. Embedding, norms, head and adapters are local.

#include <cstddef>
#include <cstdint>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "model/batch.hpp"
#include "model/config.hpp"
#include "model/linear_oracle.hpp"
#include "model/lora_adapter.hpp"
#include "model/lora_tape.hpp"
#include "model/transformer_options.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// What one forward and backward leaves: the losses, and the tape for unit_gradient().
template <class T>
struct StepT {
  LossReportT<T> report;
  LoraTapeT<T> tape;
};
using Step = StepT<float>;

/// How the gradients of the adapters are found.
///
/// `top_gradient` never sends a gradient back through a frozen matrix. Let d be the gradient of the
/// loss at the output of the last block, exact through the head and the final norm. Every block's
/// output and middle are taken to be that top plus something without influence: d is carried down
/// the residual stream unchanged, past the branches that read it. What writes to the stream, o and
/// down, then trains exactly with respect to d (dB = s·d·(A·x)ᵀ, dA = s·Bᵀ·d·xᵀ). For q, k, v, gate
/// and up even the first step, from the stream to the matrix's output, needs a transposed frozen
/// product; their gradient is 0.
enum class Backprop : std::uint8_t { exact, top_gradient };
const char* to_string(Backprop backprop);

enum class LogitPositions : std::uint8_t {
  all,  ///< one column a token
  last  ///< one column a sequence: its last token
};

/// Not thread-safe with respect to the oracle; use one transformer a thread otherwise.
template <class T>
class TransformerT {
 public:
  /// Everything passed must outlive the transformer. The weights must fit the config
  /// (check_weights()).
  TransformerT(const ModelConfig& config, const ClientWeightsT<T>& weights,
               LinearOracleT<T>& oracle, TransformerOptions options = {});

  /// Losses without gradients; 4 forward products a block. adapter null: the base model.
  /// Errors, here and below: check_batch()'s, the oracle's, mismatch (an answer of the wrong
  /// shape).
  Result<LossReportT<T>> evaluate(const Batch& batch, const LoraAdapterT<T>* adapter) const;

  /// Losses and LoRA tape. Traffic is constant by construction: 4 forward products a block, 4
  /// backward products a block but 3 in the first one, whose qkv product only the gradient of the
  /// embedding would need, whatever the batch holds (dummies and zero weights included).
  /// With Backprop::top_gradient there are no backward products.
  /// The losses may be NaN when the model has diverged; clipping deals with that per unit.
  Result<StepT<T>> forward_backward(const Batch& batch, const LoraAdapterT<T>& adapter,
                                    Trainable trainable, Backprop backprop = Backprop::exact) const;

  /// For pretraining, without adapters: adds the gradient of Σ weight·nll with respect to
  /// embedding, norms and head to `gradient`; the oracle collects that of its own matrices. All 4
  /// backward products of every block.
  Result<LossReportT<T>> forward_backward_weights(const Batch& batch,
                                                  ClientWeightsT<T>& gradient) const;

  /// (vocab, tokens) or (vocab, sequences). For tests and generation: (vocab, tokens) is large.
  Result<MatrixT<T>> logits(const Batch& batch, const LoraAdapterT<T>* adapter,
                            LogitPositions positions) const;

  /// The residual stream (hidden, tokens) after the first `blocks` blocks (0: the embedded tokens);
  /// after all of them it is taken behind the final norm, as the head sees it.
  Result<MatrixT<T>> hidden(const Batch& batch, const LoraAdapterT<T>* adapter,
                            std::size_t blocks) const;

 private:
  struct Pass;
  void check_adapter(const LoraAdapterT<T>& adapter) const;
  Result<LossReportT<T>> loss(const MatrixT<T>& h, const Batch& batch, MatrixT<T>* dh,
                              MatrixT<T>* dhead) const;

  const ModelConfig& config_;
  const ClientWeightsT<T>& weights_;
  LinearOracleT<T>& oracle_;
  TransformerOptions options_;
};
using Transformer = TransformerT<float>;

}  // namespace hippocrypt::model
