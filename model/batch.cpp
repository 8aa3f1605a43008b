#include "model/batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hippocrypt::model {
namespace {

Status check_weights_of(const Batch& batch) {
  // A weight may stand only where the same sequence has a next token.
  std::vector<bool> predicts(batch.tokens.size(), false);
  for (const SequenceSpan& span : batch.sequences) {
    for (std::size_t t = span.begin; t + 1 < span.begin + span.count; ++t) predicts[t] = true;
  }
  for (std::size_t t = 0; t < batch.loss_weight.size(); ++t) {
    if (!std::isfinite(batch.loss_weight[t])) {
      return Error{Errc::not_finite, fmt::format("the loss weight of token {} is not a number", t)};
    }
    if (batch.loss_weight[t] != 0.0F && !predicts[t]) {
      return Error{Errc::mismatch,
                   fmt::format("token {} has a loss weight but no next token in its sequence", t)};
    }
  }
  return {};
}

Status check_inputs(const Batch& batch, const ModelConfig& config) {
  const Matrix& inputs = batch.inputs;
  if (inputs.size() == 0) return {};
  if (inputs.rows() != config->hidden || inputs.cols() != batch.tokens.size()) {
    return Error{
        Errc::mismatch,
        fmt::format("the batch's inputs are ({}, {}); its {} tokens need ({}, {})", inputs.rows(),
                    inputs.cols(), batch.tokens.size(), config->hidden, batch.tokens.size())};
  }
  const auto& values = inputs.values();
  if (std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) {
    return {};
  }
  return Error{Errc::not_finite, "the batch's inputs hold NaN or infinity"};
}

}  // namespace

Status check_batch(const Batch& batch, const ModelConfig& config) {
  HIPPOCRYPT_TRY_VOID(check_inputs(batch, config));
  if (batch.loss_weight.size() != batch.tokens.size()) {
    return Error{Errc::mismatch, fmt::format("the batch has {} tokens and {} loss weights",
                                             batch.tokens.size(), batch.loss_weight.size())};
  }
  for (const std::uint32_t token : batch.tokens) {
    if (token >= config->vocab) {
      return Error{Errc::out_of_range, fmt::format("token {} is outside the vocabulary of {}; is "
                                                   "this the tokenizer of the model?",
                                                   token, config->vocab)};
    }
  }
  std::size_t end = 0;
  for (const SequenceSpan& span : batch.sequences) {
    if (span.begin < end || span.begin > batch.tokens.size() || span.count == 0 ||
        span.count > batch.tokens.size() - span.begin) {
      return Error{Errc::out_of_range,
                   fmt::format("the sequence of {} tokens at {} is empty, out of order or beyond "
                               "the {} tokens of the batch",
                               span.count, span.begin, batch.tokens.size())};
    }
    if (span.count > config->max_context) {
      return Error{Errc::limit_exceeded, fmt::format("a sequence has {} tokens; the model takes {}",
                                                     span.count, config->max_context)};
    }
    HIPPOCRYPT_CHECK(span.past == 0);  // only a decoder has caches
    end = span.begin + span.count;
  }
  return check_weights_of(batch);
}

void append_sequence(Batch& batch, const std::vector<std::uint32_t>& tokens, float weight) {
  if (tokens.empty()) return;
  batch.sequences.push_back({batch.tokens.size(), tokens.size()});
  batch.tokens.insert(batch.tokens.end(), tokens.begin(), tokens.end());
  batch.loss_weight.resize(batch.tokens.size(), weight);
  batch.loss_weight.back() = 0.0F;
}

void append_sequence(Batch& batch, const std::vector<std::uint32_t>& tokens,
                     const std::vector<bool>& learned, float weight) {
  HIPPOCRYPT_CHECK(learned.size() == tokens.size());
  const std::size_t begin = batch.tokens.size();
  append_sequence(batch, tokens, weight);
  for (std::size_t t = 0; t + 1 < tokens.size(); ++t) {
    if (!learned[t + 1]) batch.loss_weight[begin + t] = 0.0F;
  }
}

}  // namespace hippocrypt::model
