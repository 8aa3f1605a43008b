#include "model/inference/choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace hippocrypt::model {
namespace {

using Tokens = std::vector<std::uint32_t>;

/// A question as tokens.
struct Encoded {
  std::vector<Tokens> whole;        ///< per option, the prompt included
  std::vector<std::size_t> scored;  ///< per option, the index of its first own token
  std::size_t shared = 0;           ///< tokens at the start that no option differs in; at least 1
  bool cut = false;

  std::size_t prompt_tokens() const { return shared - 1; }
  std::size_t longest() const {
    std::size_t result = 0;
    for (const Tokens& tokens : whole) result = std::max(result, tokens.size());
    return result;
  }
  /// Of keys and values, over all options.
  std::size_t cached_tokens() const {
    std::size_t sum = 0;
    for (const Tokens& tokens : whole) sum += tokens.size();
    return sum;
  }
};

std::size_t common_prefix(const Tokens& a, const Tokens& b) {
  const std::size_t size = std::min(a.size(), b.size());
  const auto end = a.begin() + static_cast<std::ptrdiff_t>(size);
  return static_cast<std::size_t>(std::mismatch(a.begin(), end, b.begin()).first - a.begin());
}

/// Drops tokens at the start until everything fits; the last token of the prompt must stay, as the
/// first scored token is predicted from it.
Status cut_to_context(Encoded& question, std::size_t context) {
  const std::size_t longest = question.longest();
  if (longest <= context) return {};
  const std::size_t surplus = longest - context;
  if (surplus >= question.shared) {
    return Error{
        Errc::limit_exceeded,
        fmt::format("an option is too long for the model's context of {} tokens", context)};
  }
  for (std::size_t i = 0; i < question.whole.size(); ++i) {
    Tokens& tokens = question.whole[i];
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(surplus));
    question.scored[i] -= surplus;
  }
  question.shared -= surplus;
  question.cut = true;
  return {};
}

/// Tokens of an option may merge with the end of the prompt, so both are encoded together, and what
/// differs from the prompt alone is the option's.
Result<Encoded> encode_question(const Question& question, const Encoder& encode,
                                std::size_t context) {
  HIPPOCRYPT_TRY(const Tokens prompt, encode(question.prompt));
  Encoded result;
  result.shared = prompt.size();
  for (const std::string& option : question.options) {
    HIPPOCRYPT_TRY(Tokens whole, encode(question.prompt + " " + option));
    const std::size_t common =
        std::min(common_prefix(prompt, whole), whole.empty() ? 0 : whole.size() - 1);
    result.scored.push_back(common);
    result.shared = std::min(result.shared, common);
    result.whole.push_back(std::move(whole));
  }
  if (result.shared == 0) {
    return Error{Errc::out_of_range, "a question's prompt has no token before its options"};
  }
  HIPPOCRYPT_TRY_VOID(cut_to_context(result, context));
  return result;
}

OptionScore score_of(const Encoded& question, std::size_t option, std::span<const float> losses) {
  // losses[0] is that of token `shared`.
  OptionScore score;
  const std::size_t begin = question.scored[option] - question.shared;
  for (std::size_t i = begin; i < losses.size(); ++i) {
    score.sum -= static_cast<double>(losses[i]);
    ++score.tokens;
  }
  return score;
}

/// Scores some questions in two passes: the prompts, then every option behind a fork of its
/// prompt's cache.
class Group {
 public:
  Group(const Decoder& decoder, const ModelConfig& config, const ChoiceOptions& options)
      : decoder_{decoder}, config_{config}, options_{options} {}

  bool empty() const { return questions_.empty(); }
  bool fits(const Encoded& question) const {
    return prompt_tokens_ + question.prompt_tokens() <= options_.batch_tokens &&
           bytes(cached_tokens_ + question.cached_tokens()) <= options_.cache_limit_bytes;
  }
  void add(Encoded question) {
    prompt_tokens_ += question.prompt_tokens();
    cached_tokens_ += question.cached_tokens();
    questions_.push_back(std::move(question));
  }

  Status score_into(std::vector<ScoredQuestion>& scored) {
    if (bytes(cached_tokens_) > options_.cache_limit_bytes) {
      return Error{Errc::limit_exceeded,
                   fmt::format("one question's keys and values need {} MiB, above the limit of {} "
                               "MiB",
                               bytes(cached_tokens_) >> 20, options_.cache_limit_bytes >> 20)};
    }
    HIPPOCRYPT_TRY(auto caches, read_prompts());
    std::vector<Continuation> next;
    for (std::size_t q = 0, c = 0; q < questions_.size(); ++q) {
      for (const Tokens& tokens : questions_[q].whole) {
        next.push_back({&caches[c++], std::span{tokens}.subspan(questions_[q].prompt_tokens())});
      }
    }
    HIPPOCRYPT_TRY(const auto losses, decoder_.score(next));
    for (std::size_t q = 0, c = 0; q < questions_.size(); ++q) {
      ScoredQuestion& result = scored.emplace_back();
      result.cut = questions_[q].cut;
      for (std::size_t option = 0; option < questions_[q].whole.size(); ++option) {
        result.options.push_back(score_of(questions_[q], option, losses[c++]));
      }
    }
    return {};
  }

 private:
  std::uint64_t bytes(std::size_t tokens) const {
    return tokens * KvCache::bytes_per_token(config_);
  }

  /// One cache an option, each with its question's prompt.
  Result<std::vector<KvCache>> read_prompts() const {
    std::vector<KvCache> prompts;
    prompts.reserve(questions_.size());
    std::vector<Continuation> next;
    for (const Encoded& question : questions_) {
      const std::size_t capacity = std::max<std::size_t>(question.prompt_tokens(), 1);
      HIPPOCRYPT_TRY(KvCache cache, KvCache::create(config_, capacity, options_.cache_limit_bytes));
      prompts.push_back(std::move(cache));
      if (question.prompt_tokens() == 0) continue;
      next.push_back(
          {&prompts.back(), std::span{question.whole[0]}.first(question.prompt_tokens())});
    }
    if (!next.empty()) HIPPOCRYPT_TRY_VOID(decoder_.advance(next));
    std::vector<KvCache> forks;
    for (std::size_t q = 0; q < questions_.size(); ++q) {
      for (const Tokens& tokens : questions_[q].whole) {
        forks.push_back(prompts[q].fork(tokens.size()));
      }
    }
    return forks;
  }

  const Decoder& decoder_;
  const ModelConfig& config_;
  const ChoiceOptions& options_;
  std::vector<Encoded> questions_;
  std::size_t prompt_tokens_ = 0;
  std::size_t cached_tokens_ = 0;
};

}  // namespace

std::size_t chosen_option(std::span<const OptionScore> scores, ChoiceBy by) {
  HIPPOCRYPT_CHECK(!scores.empty());
  const auto value = [&](const OptionScore& score) {
    return by == ChoiceBy::sum ? score.sum : score.mean();
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < scores.size(); ++i) {
    if (value(scores[i]) > value(scores[best])) best = i;
  }
  return best;
}

Result<std::vector<ScoredQuestion>> score_questions(
    const Decoder& decoder, const ModelConfig& config, std::span<const Question> questions,
    const Encoder& encode, const ChoiceOptions& options, const QuestionProgress& progress) {
  if (questions.empty()) return Error{Errc::out_of_range, "there are no questions"};
  std::vector<ScoredQuestion> scored;
  std::optional<Encoded> waiting;
  for (std::size_t next = 0; next < questions.size() || waiting;) {
    Group group{decoder, config, options};
    if (waiting) group.add(std::move(*waiting));
    waiting.reset();
    while (next < questions.size() && !waiting) {
      HIPPOCRYPT_TRY(Encoded question,
                     encode_question(questions[next++], encode, config->max_context));
      if (group.empty() || group.fits(question)) {
        group.add(std::move(question));
      } else {
        waiting = std::move(question);
      }
    }
    HIPPOCRYPT_TRY_VOID(group.score_into(scored));
    if (!progress(scored.size())) return Error{Errc::cancelled, "stopped before the last question"};
  }
  return scored;
}

ChoiceTally tally(std::span<const Question> questions, std::span<const ScoredQuestion> scored,
                  ChoiceBy by) {
  HIPPOCRYPT_CHECK(questions.size() == scored.size());
  ChoiceTally result;
  for (std::size_t q = 0; q < questions.size(); ++q) {
    const bool right = chosen_option(scored[q].options, by) == questions[q].answer;
    const auto count = [&](Tally& into) {
      into.right += right ? 1 : 0;
      ++into.total;
    };
    count(result.overall);
    if (!questions[q].subject.empty()) count(result.subjects[questions[q].subject]);
  }
  return result;
}

}  // namespace hippocrypt::model
