#pragma once
// Multiple choice without generating anything: the option that the model finds likeliest behind the
// question is its answer.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/decoder.hpp"
#include "model/inference/question.hpp"

namespace hippocrypt::model {

/// Log-likelihoods in nats of one option's tokens behind the question.
struct OptionScore {
  double sum = 0.0;
  std::size_t tokens = 0;
  double mean() const { return sum / static_cast<double>(tokens); }
};

/// The option of the largest sum, or mean a token; of equals the first.
enum class ChoiceBy : std::uint8_t { sum, mean };
std::size_t chosen_option(std::span<const OptionScore> scores, ChoiceBy by);

/// Text → the ids that a model expects it as, special tokens at its start included.
using Encoder = std::function<Result<std::vector<std::uint32_t>>(std::string_view)>;

struct ChoiceOptions {
  std::size_t batch_tokens = 2048;  ///< questions whose prompts share a pass; at least one
  std::uint64_t cache_limit_bytes = std::uint64_t{4} << 30;  ///< of keys and values together
};

struct ScoredQuestion {
  std::vector<OptionScore> options;
  bool cut = false;  ///< the beginning did not fit the model's context
};

/// Called after every group with the questions done; false stops.
using QuestionProgress = std::function<bool(std::size_t questions_done)>;

/// Each option is scored as " option" behind the prompt. What the options of a question share is
/// computed once: one pass for the prompts of a group, and one for all their options. Errors:
/// out_of_range (no questions), limit_exceeded (a question whose options alone exceed the context,
/// or whose caches exceed the limit), cancelled (by `progress`), those of `encode` and of Decoder.
Result<std::vector<ScoredQuestion>> score_questions(
    const Decoder& decoder, const ModelConfig& config, std::span<const Question> questions,
    const Encoder& encode, const ChoiceOptions& options, const QuestionProgress& progress);

/// Right answers out of all.
struct Tally {
  std::size_t right = 0, total = 0;
  double accuracy() const { return static_cast<double>(right) / static_cast<double>(total); }
};

struct ChoiceTally {
  Tally overall;
  std::map<std::string, Tally> subjects;  ///< of the questions that have one
};
ChoiceTally tally(std::span<const Question> questions, std::span<const ScoredQuestion> scored,
                  ChoiceBy by);

}  // namespace hippocrypt::model
