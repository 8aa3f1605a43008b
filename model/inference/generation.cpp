#include "model/inference/generation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hippocrypt::model {
namespace {

using Clock = std::chrono::steady_clock;

/// One continuation of the prompt.
struct Copy {
  KvCache* cache;
  SeededSequence random;
  bool done = false;
};

/// The first `rows` values of a column; all of them for 0.
std::vector<float> column(const Matrix& logits, std::size_t index, std::size_t rows) {
  std::vector<float> values(rows == 0 ? logits.rows() : std::min(rows, logits.rows()));
  for (std::size_t v = 0; v < values.size(); ++v) values[v] = logits(v, index);
  return values;
}

Status check(const GenerationOptions& options) {
  if (options.copies == 0) return Error{Errc::out_of_range, "there must be at least one copy"};
  if (options.max_tokens == 0) {
    return Error{Errc::out_of_range, "at least one token must be asked for"};
  }
  return {};
}

/// The caches of the copies beyond the first, which uses the prompt's own.
Result<std::vector<KvCache>> fork(const KvCache& prompt, const ModelConfig& config,
                                  const GenerationOptions& options, std::uint64_t limit_bytes) {
  std::vector<KvCache> forks;
  const std::size_t capacity =
      std::min(prompt.capacity_tokens(), prompt.tokens() + options.max_tokens);
  const std::uint64_t bytes = capacity * KvCache::bytes_per_token(config);
  const std::size_t count = options.copies - 1;
  if (count > 0 && count > limit_bytes / bytes) {
    return Error{
        Errc::limit_exceeded,
        fmt::format("{} copies of {} tokens need {} MiB of keys and values, above the "
                    "limit of {} MiB; ask for fewer copies or tokens",
                    options.copies, capacity, options.copies * bytes >> 20, limit_bytes >> 20)};
  }
  forks.reserve(count);
  for (std::size_t i = 0; i < count; ++i) forks.push_back(prompt.fork(capacity));
  return forks;
}

class Run {
 public:
  Run(const Decoder& decoder, const GenerationOptions& options, const TokenSink& sink)
      : decoder_{decoder}, options_{options}, sink_{sink} {
    report_.sequences.resize(options.copies);
  }

  void add(KvCache& cache) {
    const std::string purpose = fmt::format("sampling {}", copies_.size());
    copies_.push_back({&cache, SeededSequence{options_.seed, purpose}});
  }

  /// Column i of the logits belongs to copy of[i]. false: everything has ended.
  Result<bool> choose(const Matrix& logits, const std::vector<std::size_t>& of) {
    for (std::size_t i = 0; i < of.size(); ++i) {
      Copy& copy = copies_[of[i]];
      // All copies of the prompt start from its only column.
      HIPPOCRYPT_TRY(const std::uint32_t token,
                     sample(column(logits, logits.cols() == 1 ? 0 : i, options_.vocab),
                            options_.sampling, copy.random));
      GeneratedSequence& sequence = report_.sequences[of[i]];
      sequence.tokens.push_back(token);
      copy.done = finished(copy, sequence);
      if (!sink_(of[i], token)) return false;
    }
    return true;
  }

  Status steps() {
    for (;;) {
      std::vector<std::size_t> active;
      std::vector<Continuation> next;
      for (std::size_t i = 0; i < copies_.size(); ++i) {
        if (copies_[i].done) continue;
        active.push_back(i);
        next.push_back({copies_[i].cache, std::span{report_.sequences[i].tokens}.last(1)});
      }
      if (active.empty()) return {};
      const auto begin = Clock::now();
      HIPPOCRYPT_TRY(const Matrix logits, decoder_.advance(next));
      HIPPOCRYPT_TRY(const bool going_on, choose(logits, active));
      report_.step_time += Clock::now() - begin;
      ++report_.steps;
      report_.stepped_tokens += active.size();
      if (!going_on) return {};
    }
  }

  GenerationReport& report() { return report_; }

 private:
  bool finished(const Copy& copy, GeneratedSequence& sequence) const {
    const auto& stop = options_.stop;
    if (std::find(stop.begin(), stop.end(), sequence.tokens.back()) != stop.end()) {
      sequence.reason = FinishReason::stop;
    } else if (sequence.tokens.size() == options_.max_tokens) {
      sequence.reason = FinishReason::max_tokens;
    } else if (copy.cache->tokens() == copy.cache->capacity_tokens()) {
      sequence.reason = FinishReason::context;
    } else {
      return false;
    }
    return true;
  }

  const Decoder& decoder_;
  const GenerationOptions& options_;
  const TokenSink& sink_;
  std::vector<Copy> copies_;
  GenerationReport report_;
};

}  // namespace

const char* to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::max_tokens:
      return "max_tokens";
    case FinishReason::context:
      return "context";
    case FinishReason::interrupted:
      return "interrupted";
  }
  return "?";
}

Result<GenerationReport> generate(const Decoder& decoder, const ModelConfig& config, KvCache& cache,
                                  std::span<const std::uint32_t> prompt,
                                  const GenerationOptions& options, std::uint64_t cache_limit_bytes,
                                  const TokenSink& sink) {
  HIPPOCRYPT_TRY_VOID(check(options));
  const auto begin = Clock::now();
  const Continuation first{&cache, prompt};
  HIPPOCRYPT_TRY(const Matrix logits, decoder.advance({&first, 1}));
  HIPPOCRYPT_TRY(auto forks, fork(cache, config, options, cache_limit_bytes));
  Run run{decoder, options, sink};
  run.add(cache);
  for (KvCache& copy : forks) run.add(copy);
  std::vector<std::size_t> all(options.copies);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  HIPPOCRYPT_TRY(const bool going_on, run.choose(logits, all));
  run.report().prompt_time = Clock::now() - begin;
  if (going_on) HIPPOCRYPT_TRY_VOID(run.steps());
  return std::move(run.report());
}

}  // namespace hippocrypt::model
