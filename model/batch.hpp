#pragma once
// Sequences packed side by side into one run of tokens, and the losses that come of them.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/matrix.hpp"
#include "base/result.hpp"
#include "model/config.hpp"
#include "model/numeric.hpp"

namespace hippocrypt::model {

/// Tokens [begin, begin + count) of a batch.
struct SequenceSpan {
  std::size_t begin = 0;
  std::size_t count = 0;
  std::size_t past = 0;  ///< tokens of the sequence before these, whose keys a cache holds
  friend bool operator==(const SequenceSpan&, const SequenceSpan&) = default;
};

/// Tokens outside every sequence are dummies: they cost a column in every product and touch
/// nothing else.
struct Batch {
  std::vector<std::uint32_t> tokens;
  std::vector<SequenceSpan> sequences;  ///< in order, disjoint; positions restart at 0 in each
  /// loss_weight[t] is the weight of predicting tokens[t + 1] at position t: 0 at the last token of
  /// a sequence and at dummies.
  std::vector<float> loss_weight;
  /// (hidden, tokens): what goes into the first block instead of the tokens' embeddings, such as
  /// these with noise on them; empty: the embeddings. The tokens are still what is predicted.
  Matrix inputs = {};
};

/// Errors: out_of_range (a token outside the vocabulary, a sequence that is empty, out of order or
/// beyond the tokens), limit_exceeded (a sequence longer than max_context), mismatch (loss weights
/// that do not fit the tokens, or where nothing can be predicted; inputs of another shape),
/// not_finite (a loss weight, an input).
Status check_batch(const Batch& batch, const ModelConfig& config);

/// Appends a sequence with the given weight at every position that has a next token.
void append_sequence(Batch& batch, const std::vector<std::uint32_t>& tokens, float weight);

/// The same with the weight only where the next token is one that is learned. learned (tokens);
/// its first entry does not matter, as nothing predicts the first token.
void append_sequence(Batch& batch, const std::vector<std::uint32_t>& tokens,
                     const std::vector<bool>& learned, float weight);

/// Losses of one batch.
template <class T>
struct LossReportT {
  std::vector<T> nll;         ///< per token, in nats; 0 where the weight is 0
  WideT<T> weighted_nll{};    ///< Σ weight·nll
  double weight = 0.0;        ///< Σ weight
  std::size_t predicted = 0;  ///< tokens whose weight is not 0
};
using LossReport = LossReportT<float>;

}  // namespace hippocrypt::model
