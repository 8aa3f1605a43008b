#pragma once
// Divides text into the words within which byte pairs are merged, by the patterns of published
// vocabularies.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::model {

/// How a vocabulary wants text divided.
enum class SplitPattern {
  gpt2,    ///< contractions, words, numbers and signs, each with a space before
  llama3,  ///< up to three digits together, line breaks with what is before them
  qwen2,   ///< llama3's with single digits
  smollm,  ///< gpt2's after every digit has been split off
};

/// "gpt2", "llama3", …
const char* to_string(SplitPattern pattern);
/// The regular expression as tokenizer.json files give it; smollm's is gpt2's, after Digits.
std::string_view published_regex(SplitPattern pattern);

/// PCRE2's limits for one word. The patterns need few steps a word; the limits are for safety.
struct PatternLimits {
  std::uint32_t steps = 10'000'000;
  std::uint32_t depth = 10'000;
};

/// Copies share the compiled pattern; const is safe from several threads.
class Pretokenizer {
 public:
  explicit Pretokenizer(SplitPattern pattern = SplitPattern::gpt2, PatternLimits limits = {});

  /// The words of one text, one after the other. The text must outlive it, and so must the
  /// Pretokenizer.
  class Words {
   public:
    Words(const Pretokenizer& pretokenizer, std::string_view text);
    Words(Words&&) noexcept;
    ~Words();
    /// A view of the text, joining up to the last; nothing at the end, or at an error. Bytes that
    /// are not UTF-8 form words of their own, and the text on either side is divided as if it ended
    /// or began there.
    std::optional<std::string_view> next();
    /// Errors: limit_exceeded (PatternLimits).
    const Status& status() const { return status_; }

   private:
    struct Match;
    std::optional<std::string_view> match_pattern();

    const Pretokenizer* pretokenizer_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t valid_end_ = 0;  ///< from at_ on, the text is UTF-8 up to here
    std::unique_ptr<Match> match_;
    Status status_;
  };

  /// All words at once. Errors: limit_exceeded (PatternLimits).
  Result<std::vector<std::string_view>> words(std::string_view text) const;

 private:
  struct Pattern;
  SplitPattern split_;
  std::shared_ptr<const Pattern> pattern_;
  PatternLimits limits_;
};

}  // namespace hippocrypt::model
