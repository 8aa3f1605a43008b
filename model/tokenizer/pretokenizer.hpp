#pragma once
// Divides text into the words within which byte pairs are merged, by GPT-2's pattern (PCRE2).

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::model {

/// PCRE2's limits for one word. The pattern needs few steps a word; the limits are for safety.
struct PatternLimits {
  std::uint32_t steps = 10'000'000;
  std::uint32_t depth = 10'000;
};

/// Copies share the compiled pattern; const is safe from several threads.
class Pretokenizer {
 public:
  explicit Pretokenizer(PatternLimits limits = {});

  /// Views of `text` that join up to it. Bytes that are not UTF-8 form words of their own, and the
  /// text on either side is divided as if it ended or began there. Errors: limit_exceeded
  /// (PatternLimits).
  Result<std::vector<std::string_view>> words(std::string_view text) const;

 private:
  struct Pattern;
  std::shared_ptr<const Pattern> pattern_;
  PatternLimits limits_;
};

}  // namespace hippocrypt::model
