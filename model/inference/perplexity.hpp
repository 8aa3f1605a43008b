#pragma once
// How well a model predicts a text: exp of the mean negative log-likelihood of its tokens, in
// windows that cannot see each other.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "model/lora_adapter.hpp"
#include "model/transformer.hpp"

namespace hippocrypt::model {

using Tokens = std::vector<std::uint32_t>;

/// Cuts every document into windows of `window` tokens without overlap, the last one shorter. With
/// a start token every window begins with it, and with that many fewer of the document's. What
/// remains of a document after its last whole window is left out when nothing in it could be
/// predicted. window ≥ 2.
std::vector<Tokens> windows_of(std::span<const Tokens> documents, std::size_t window,
                               std::optional<std::uint32_t> start);

struct PerplexityReport {
  double mean_nll = 0.0;      ///< nats
  std::size_t tokens = 0;     ///< in the windows, first ones included
  std::size_t predicted = 0;  ///< each window's but its first
  std::vector<double> window_mean_nll;
  double perplexity() const;
};

/// Called after every pass with the windows done; false stops.
using WindowProgress = std::function<bool(std::size_t windows_done)>;

/// The first token of each window is not predicted. As many windows as fit `batch_tokens` share a
/// pass, at least one. Errors: out_of_range (no windows, or one without anything to predict),
/// cancelled (by `progress`), and those of Transformer::evaluate.
Result<PerplexityReport> perplexity(const Transformer& transformer, const LoraAdapter* adapter,
                                    std::span<const Tokens> windows, std::size_t batch_tokens,
                                    const WindowProgress& progress);

}  // namespace hippocrypt::model
