#include "model/decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/block.hpp"
#include "model/head.hpp"

namespace hippocrypt::model {
namespace {

Status check_tokens(std::span<const std::uint32_t> tokens, const ModelConfig& config) {
  if (tokens.empty()) return Error{Errc::out_of_range, "a sequence has no new tokens"};
  for (const std::uint32_t token : tokens) {
    if (token < config->vocab) continue;
    return Error{Errc::out_of_range, fmt::format("token {} is outside the vocabulary of {}; is "
                                                 "this the tokenizer of the model?",
                                                 token, config->vocab)};
  }
  return {};
}

}  // namespace

template <class T>
DecoderT<T>::DecoderT(const ModelConfig& config, const ClientWeightsT<T>& weights,
                      LinearOracleT<T>& oracle, const LoraAdapterT<T>* adapter,
                      std::size_t positions, const TransformerOptions& options)
    : config_{config},
      weights_{weights},
      oracle_{oracle},
      adapter_{adapter},
      positions_{positions},
      options_{options},
      rope_{config, positions} {
  HIPPOCRYPT_CHECK(adapter == nullptr || adapter->blocks() == config->blocks);
}

template <class T>
Result<Batch> DecoderT<T>::batch_of(std::span<const ContinuationT<T>> next) const {
  Batch batch;
  for (const ContinuationT<T>& part : next) {
    HIPPOCRYPT_TRY_VOID(check_tokens(part.tokens, config_));
    const std::size_t past = part.cache->tokens();
    const std::size_t room = std::min(part.cache->capacity_tokens(), positions_);
    if (part.tokens.size() > room - std::min(room, past)) {
      return Error{Errc::limit_exceeded,
                   fmt::format("a sequence of {} tokens cannot take {} more; there is room for {}",
                               past, part.tokens.size(), room)};
    }
    batch.sequences.push_back({batch.tokens.size(), part.tokens.size(), past});
    batch.tokens.insert(batch.tokens.end(), part.tokens.begin(), part.tokens.end());
    batch.loss_weight.resize(batch.tokens.size(), 1.0F);
    batch.loss_weight.back() = 0.0F;
  }
  if (batch.tokens.empty()) return Error{Errc::out_of_range, "there is no sequence to continue"};
  return batch;
}

/// The input of the head (hidden, tokens); the caches are written but do not count yet.
template <class T>
Result<MatrixT<T>> DecoderT<T>::pass(std::span<const ContinuationT<T>> next,
                                     const Batch& batch) const {
  std::vector<KvCacheT<T>*> caches;
  for (const ContinuationT<T>& part : next) caches.push_back(part.cache);
  const BlockContextT<T> context{config_,         weights_, oracle_,  adapter_,
                                 batch.sequences, rope_,    options_, caches};
  MatrixT<T> x = embed<T>(weights_.embedding, batch.tokens);
  for (std::size_t b = 0; b < config_->blocks; ++b) {
    HIPPOCRYPT_TRY(x, block_forward<T>(context, b, std::move(x), nullptr));
  }
  std::vector<T> inverse_rms(x.cols());
  MatrixT<T> h{x.rows(), x.cols()};
  rms_norm_forward<T>(x, weights_.final_norm, config_->rms_epsilon, h.view(), inverse_rms,
                      options_.threads);
  return h;
}

/// What the caches hold beyond counts from now on.
template <class T>
void DecoderT<T>::commit(std::span<const ContinuationT<T>> next, const Batch& batch) {
  for (std::size_t s = 0; s < next.size(); ++s) {
    next[s].cache->commit(batch.sequences[s].past + batch.sequences[s].count);
  }
}

template <class T>
Result<MatrixT<T>> DecoderT<T>::advance(std::span<const ContinuationT<T>> next) const {
  HIPPOCRYPT_TRY(const Batch batch, batch_of(next));
  HIPPOCRYPT_TRY(const MatrixT<T> h, pass(next, batch));
  MatrixT<T> ends{h.rows(), next.size()};
  for (std::size_t s = 0; s < next.size(); ++s) {
    const std::size_t last = batch.sequences[s].begin + batch.sequences[s].count - 1;
    for (std::size_t r = 0; r < h.rows(); ++r) ends(r, s) = h(r, last);
  }
  const PhaseTimer::Span span{options_.timer, "head"};
  MatrixT<T> logits;
  if (options_.head == HeadPlace::blind) {
    HIPPOCRYPT_TRY(logits, blind_head_logits<T>(oracle_, config_->vocab, ends));
  } else {
    logits = head_logits<T>(weights_.output_head(), ends, options_.threads);
  }
  commit(next, batch);
  return logits;
}

template <class T>
Result<std::vector<std::vector<T>>> DecoderT<T>::score(
    std::span<const ContinuationT<T>> next) const {
  HIPPOCRYPT_TRY(const Batch batch, batch_of(next));
  HIPPOCRYPT_TRY(const MatrixT<T> h, pass(next, batch));
  LossReportT<T> report;
  if (options_.head == HeadPlace::blind) {
    HIPPOCRYPT_TRY(report, blind_head_loss<T>(oracle_, weights_.output_head(), h, batch, {},
                                              options_.threads));
  } else {
    report = head_loss<T>(weights_.output_head(), h, batch, {}, options_.threads);
  }
  commit(next, batch);
  std::vector<std::vector<T>> losses;
  for (const SequenceSpan& span : batch.sequences) {
    const auto begin = report.nll.begin() + static_cast<std::ptrdiff_t>(span.begin);
    losses.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(span.count - 1));
  }
  return losses;
}

template class DecoderT<float>;
template class DecoderT<double>;
template class DecoderT<std::complex<double>>;

}  // namespace hippocrypt::model
