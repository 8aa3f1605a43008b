#include "model/transformer.hpp"

#include <algorithm>
#include <complex>
#include <utility>
#include <vector>

#include "model/block.hpp"
#include "model/head.hpp"
#include "model/ops.hpp"

namespace hippocrypt::model {
namespace {

std::size_t longest(const Batch& batch) {
  std::size_t result = 0;
  for (const SequenceSpan& span : batch.sequences) result = std::max(result, span.count);
  return result;
}

/// What goes into the first block (hidden, tokens).
template <class T>
MatrixT<T> first_input(const Batch& batch, const MatrixT<T>& embedding) {
  if (batch.inputs.size() == 0) return embed<T>(embedding, batch.tokens);
  MatrixT<T> x{batch.inputs.rows(), batch.inputs.cols()};
  const auto given = batch.inputs.values();
  std::transform(given.begin(), given.end(), x.values().begin(),
                 [](float value) { return static_cast<T>(value); });
  return x;
}

}  // namespace

const char* to_string(Backprop backprop) {
  return backprop == Backprop::exact ? "exact" : "top_gradient";
}

/// One run over one batch: what the forward leaves for the backward.
template <class T>
struct TransformerT<T>::Pass {
  Pass(const TransformerT& model, const Batch& batch_in, const LoraAdapterT<T>* adapter)
      : batch{batch_in}, rope{model.config_, longest(batch_in)}, context{model.config_,
                                                                         model.weights_,
                                                                         model.oracle_,
                                                                         adapter,
                                                                         batch_in.sequences,
                                                                         rope,
                                                                         model.options_} {}
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  enum class Keep : bool { nothing, caches };

  /// The embedded tokens after the first `blocks` blocks.
  Result<MatrixT<T>> residual_stream(std::size_t blocks) {
    MatrixT<T> x = first_input<T>(batch, context.weights.embedding);
    for (std::size_t b = 0; b < blocks; ++b) {
      HIPPOCRYPT_TRY(
          x, block_forward<T>(context, b, std::move(x), caches.empty() ? nullptr : &caches[b]));
    }
    return x;
  }

  /// The input of the head (hidden, tokens).
  Result<MatrixT<T>> forward(Keep keep) {
    const std::size_t blocks = context.config->blocks;
    if (keep == Keep::caches) caches.resize(blocks);
    HIPPOCRYPT_TRY(MatrixT<T> x, residual_stream(blocks));
    inverse_rms.resize(x.cols());
    MatrixT<T> h{x.rows(), x.cols()};
    rms_norm_forward<T>(x, context.weights.final_norm, context.config->rms_epsilon, h.view(),
                        inverse_rms, context.options.threads);
    if (keep == Keep::caches) last = std::move(x);
    return h;
  }

  /// dh (hidden, tokens), the gradient of the head's input → that of the embedded tokens, which is
  /// meaningful only if the gradient of the weights is asked for.
  Result<MatrixT<T>> backward(const MatrixT<T>& dh, LoraTapeT<T>* tape,
                              ClientWeightsT<T>* gradient) {
    MatrixT<T> d = top_gradient(dh, gradient);
    for (std::size_t b = caches.size(); b-- > 0;) {
      BlockSinksT<T> sinks = sinks_of(b, tape);
      sinks.gradient = gradient;
      HIPPOCRYPT_TRY(d, block_backward<T>(context, b, std::move(d), std::move(caches[b]), sinks,
                                          b > 0 || gradient != nullptr));
    }
    return d;
  }

  /// The same for Backprop::top_gradient.
  void approximate_backward(const MatrixT<T>& dh, LoraTapeT<T>& tape) {
    const MatrixT<T> d = top_gradient(dh, nullptr);
    for (std::size_t b = 0; b < caches.size(); ++b) {
      block_top_gradient<T>(context, b, d, std::move(caches[b]), sinks_of(b, &tape));
    }
  }

  /// dh (hidden, tokens) → the gradient of the last block's output.
  MatrixT<T> top_gradient(const MatrixT<T>& dh, ClientWeightsT<T>* gradient) const {
    MatrixT<T> d{dh.rows(), dh.cols()};
    rms_norm_backward<T>(last, context.weights.final_norm, inverse_rms, dh, d.view(),
                         gradient == nullptr ? std::span<T>{} : std::span<T>{gradient->final_norm},
                         context.options.threads);
    return d;
  }

  static BlockSinksT<T> sinks_of(std::size_t block, LoraTapeT<T>* tape) {
    if (tape == nullptr) return {};
    const bool a = trains_a(tape->trainable);
    return {&tape->blocks[block], a, a || trains_core(tape->trainable), nullptr};
  }

  const Batch& batch;
  const RopeTableT<T> rope;
  const BlockContextT<T> context;
  std::vector<BlockCacheT<T>> caches;
  std::vector<T> inverse_rms;
  MatrixT<T> last;  ///< output of the last block
};

template <class T>
Result<LossReportT<T>> TransformerT<T>::loss(const MatrixT<T>& h, const Batch& batch,
                                             MatrixT<T>* dh, MatrixT<T>* dhead) const {
  const PhaseTimer::Span span{options_.timer, "head"};
  if (options_.head == HeadPlace::blind) {
    return blind_head_loss<T>(oracle_, weights_.output_head(), h, batch, {dh, dhead},
                              options_.threads);
  }
  return head_loss<T>(weights_.output_head(), h, batch, {dh, dhead}, options_.threads);
}

template <class T>
TransformerT<T>::TransformerT(const ModelConfig& config, const ClientWeightsT<T>& weights,
                              LinearOracleT<T>& oracle, TransformerOptions options)
    : config_{config}, weights_{weights}, oracle_{oracle}, options_{options} {
  HIPPOCRYPT_CHECK(options.threads >= 1);
  HIPPOCRYPT_CHECK(weights.embedding.rows() == config->vocab);
  HIPPOCRYPT_CHECK(weights.embedding.cols() == config->hidden);
  HIPPOCRYPT_CHECK(weights.attention_norm.size() == config->blocks);
  HIPPOCRYPT_CHECK(weights.ffn_norm.size() == config->blocks);
  HIPPOCRYPT_CHECK(config->tied_head == (weights.head.size() == 0));
  HIPPOCRYPT_CHECK(weights.qkv_bias.size() == (config->qkv_bias ? config->blocks : 0));
}

template <class T>
void TransformerT<T>::check_adapter(const LoraAdapterT<T>& adapter) const {
  HIPPOCRYPT_CHECK(adapter.blocks() == config_->blocks);
  for (const LoraTargetShape& shape : adapter.shapes()) {
    const LoraTargetShape expected = lora_target_shape(config_, shape.target);
    HIPPOCRYPT_CHECK(expected.out == shape.out && expected.in == shape.in);
  }
}

template <class T>
Result<LossReportT<T>> TransformerT<T>::evaluate(const Batch& batch,
                                                 const LoraAdapterT<T>* adapter) const {
  if (adapter != nullptr) check_adapter(*adapter);
  HIPPOCRYPT_TRY_VOID(check_batch(batch, config_));
  Pass pass{*this, batch, adapter};
  HIPPOCRYPT_TRY(const MatrixT<T> h, pass.forward(Pass::Keep::nothing));
  return loss(h, batch, nullptr, nullptr);
}

template <class T>
Result<StepT<T>> TransformerT<T>::forward_backward(const Batch& batch,
                                                   const LoraAdapterT<T>& adapter,
                                                   Trainable trainable, Backprop backprop) const {
  check_adapter(adapter);
  HIPPOCRYPT_TRY_VOID(check_batch(batch, config_));
  Pass pass{*this, batch, &adapter};
  HIPPOCRYPT_TRY(const MatrixT<T> h, pass.forward(Pass::Keep::caches));
  StepT<T> step;
  step.tape.trainable = trainable;
  step.tape.rank = adapter.config().rank();
  step.tape.shapes = adapter.shapes();
  step.tape.blocks.resize(config_->blocks);
  MatrixT<T> dh;
  HIPPOCRYPT_TRY(step.report, loss(h, batch, &dh, nullptr));
  if (backprop == Backprop::top_gradient) {
    pass.approximate_backward(dh, step.tape);
    return step;
  }
  HIPPOCRYPT_TRY_VOID(pass.backward(dh, &step.tape, nullptr));
  return step;
}

template <class T>
Result<LossReportT<T>> TransformerT<T>::forward_backward_weights(
    const Batch& batch, ClientWeightsT<T>& gradient) const {
  HIPPOCRYPT_CHECK(batch.inputs.size() == 0);  // they are no function of the embedding's weights
  HIPPOCRYPT_TRY_VOID(check_batch(batch, config_));
  Pass pass{*this, batch, nullptr};
  HIPPOCRYPT_TRY(const MatrixT<T> h, pass.forward(Pass::Keep::caches));
  MatrixT<T> dh;
  MatrixT<T>& dhead = config_->tied_head ? gradient.embedding : gradient.head;
  HIPPOCRYPT_TRY(LossReportT<T> report, loss(h, batch, &dh, &dhead));
  HIPPOCRYPT_TRY(const MatrixT<T> dx, pass.backward(dh, nullptr, &gradient));
  embed_backward<T>(dx, batch.tokens, gradient.embedding);
  return report;
}

template <class T>
Result<MatrixT<T>> TransformerT<T>::logits(const Batch& batch, const LoraAdapterT<T>* adapter,
                                           LogitPositions positions) const {
  if (adapter != nullptr) check_adapter(*adapter);
  HIPPOCRYPT_TRY_VOID(check_batch(batch, config_));
  Pass pass{*this, batch, adapter};
  HIPPOCRYPT_TRY(MatrixT<T> h, pass.forward(Pass::Keep::nothing));
  if (positions == LogitPositions::last) {
    MatrixT<T> ends{h.rows(), batch.sequences.size()};
    for (std::size_t r = 0; r < h.rows(); ++r) {
      for (std::size_t s = 0; s < batch.sequences.size(); ++s) {
        ends(r, s) = h(r, batch.sequences[s].begin + batch.sequences[s].count - 1);
      }
    }
    h = std::move(ends);
  }
  const PhaseTimer::Span span{options_.timer, "head"};
  if (options_.head == HeadPlace::blind) {
    return blind_head_logits<T>(oracle_, config_->vocab, h);
  }
  return head_logits<T>(weights_.output_head(), h, options_.threads);
}

template <class T>
Result<MatrixT<T>> TransformerT<T>::hidden(const Batch& batch, const LoraAdapterT<T>* adapter,
                                           std::size_t blocks) const {
  HIPPOCRYPT_CHECK(blocks <= config_->blocks);
  if (adapter != nullptr) check_adapter(*adapter);
  HIPPOCRYPT_TRY_VOID(check_batch(batch, config_));
  Pass pass{*this, batch, adapter};
  if (blocks == config_->blocks) return pass.forward(Pass::Keep::nothing);
  return pass.residual_stream(blocks);
}

template class TransformerT<float>;
template class TransformerT<double>;
template class TransformerT<std::complex<double>>;

}  // namespace hippocrypt::model
