#pragma once
// Text token by token: a prompt in one pass, then one token a sequence and pass.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "model/decoder.hpp"
#include "model/sampling.hpp"

namespace hippocrypt::model {

struct GenerationOptions {
  SamplingConfig sampling;
  std::uint64_t seed = 1;                ///< copy i draws from a sequence of its own
  std::size_t max_tokens = 256;          ///< of every copy
  std::size_t copies = 1;                ///< of the prompt, continued side by side
  std::vector<std::uint32_t> stop = {};  ///< tokens that end a copy; they are kept
  std::size_t vocab = 0;  ///< only tokens below it are chosen; 0: the model's, padding included
};

enum class FinishReason : std::uint8_t {
  stop,        ///< the model ended it
  max_tokens,  ///< there are as many as asked for
  context,     ///< the cache is full
  interrupted  ///< somebody said so
};
/// "stop", "max_tokens", "context", "interrupted"
const char* to_string(FinishReason reason);

struct GeneratedSequence {
  std::vector<std::uint32_t> tokens;
  FinishReason reason = FinishReason::interrupted;
};

struct GenerationReport {
  std::vector<GeneratedSequence> sequences;  ///< one a copy
  std::chrono::duration<double> prompt_time{};
  std::chrono::duration<double> step_time{};  ///< of all passes after the prompt's
  std::size_t steps = 0;                      ///< those passes
  std::size_t stepped_tokens = 0;             ///< tokens in them, over all copies
};

/// Told every token as it is chosen; false ends everything.
using TokenSink = std::function<bool(std::size_t copy, std::uint32_t token)>;

/// Continues what `cache` holds by `prompt`, in one pass, and then by what the model says. The last
/// token of each copy is not in any cache. With several copies the caches' forks take
/// copies·(tokens + max_tokens)·bytes_per_token, at most `cache_limit_bytes`. Errors: those of
/// Decoder::advance and sample; limit_exceeded (the forks); out_of_range (no copies or no tokens
/// asked for).
Result<GenerationReport> generate(const Decoder& decoder, const ModelConfig& config, KvCache& cache,
                                  std::span<const std::uint32_t> prompt,
                                  const GenerationOptions& options, std::uint64_t cache_limit_bytes,
                                  const TokenSink& sink);

}  // namespace hippocrypt::model
