#include "model/inference/perplexity.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace hippocrypt::model {
namespace {

/// Adds the losses of a pass over windows to the report; returns the sum.
double add_losses(const Batch& batch, const LossReport& losses, PerplexityReport& report) {
  double total = 0.0;
  for (const SequenceSpan& span : batch.sequences) {
    double sum = 0.0;
    for (std::size_t t = span.begin; t + 1 < span.begin + span.count; ++t) {
      sum += static_cast<double>(losses.nll[t]);
    }
    report.window_mean_nll.push_back(sum / static_cast<double>(span.count - 1));
    report.predicted += span.count - 1;
    report.tokens += span.count;
    total += sum;
  }
  return total;
}

}  // namespace

std::vector<Tokens> windows_of(std::span<const Tokens> documents, std::size_t window,
                               std::optional<std::uint32_t> start) {
  HIPPOCRYPT_CHECK(window >= 2);
  const std::size_t width = start ? window - 1 : window;
  std::vector<Tokens> windows;
  for (const Tokens& document : documents) {
    for (std::size_t begin = 0; begin < document.size(); begin += width) {
      const std::size_t count = std::min(width, document.size() - begin);
      Tokens tokens(count + (start ? 1 : 0), start.value_or(0));
      std::copy_n(document.data() + begin, count, tokens.data() + (start ? 1 : 0));
      if (tokens.size() >= 2) windows.push_back(std::move(tokens));
    }
  }
  return windows;
}

double PerplexityReport::perplexity() const { return std::exp(mean_nll); }

Result<PerplexityReport> perplexity(const Transformer& transformer, const LoraAdapter* adapter,
                                    std::span<const Tokens> windows, std::size_t batch_tokens,
                                    const WindowProgress& progress) {
  if (windows.empty()) return Error{Errc::out_of_range, "there is no text to predict"};
  PerplexityReport report;
  double total = 0.0;
  for (std::size_t next = 0; next < windows.size();) {
    Batch batch;
    do {
      if (windows[next].size() < 2) {
        return Error{Errc::out_of_range, "a window of one token has nothing to predict"};
      }
      append_sequence(batch, windows[next++], 1);
    } while (next < windows.size() && batch.tokens.size() + windows[next].size() <= batch_tokens);
    HIPPOCRYPT_TRY(const LossReport losses, transformer.evaluate(batch, adapter));
    total += add_losses(batch, losses, report);
    if (!progress(next)) return Error{Errc::cancelled, "stopped before the text's end"};
  }
  report.mean_nll = total / static_cast<double>(report.predicted);
  return report;
}

}  // namespace hippocrypt::model
