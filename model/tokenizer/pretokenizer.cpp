#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/tokenizer/pretokenizer.hpp"

#include <pcre2.h>

#include <string>

#include "model/tokenizer/ascii_words.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

// White space is written out as Unicode's White_Space: PCRE2's own \s has U+180E as well, which the
// tokenizers that publish vocabularies do not.
#define SPACE \
  R"(\t-\r\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
#define CONTRACTION R"('s|'t|'re|'ve|'m|'ll|'d)"
#define LLAMA3(digits)                                                                  \
  "(?i:" CONTRACTION R"()|[^\r\n\p{L}\p{N}]?\p{L}+|)" digits R"(| ?[^\p{L}\p{N})" SPACE \
  R"(]+[\r\n]*|[)" SPACE R"(]*[\r\n]+|[)" SPACE R"(]+(?![^)" SPACE R"(])|[)" SPACE "]+"

const char* pattern_of(SplitPattern split) {
  switch (split) {
    case SplitPattern::gpt2:  // openai/gpt-2, encoder.py
      return CONTRACTION R"(| ?\p{L}+| ?\p{N}+| ?[^\p{L}\p{N})" SPACE R"(]+|[)" SPACE
                         R"(]+(?![^)" SPACE R"(])|[)" SPACE "]+";
    case SplitPattern::llama3:
      return LLAMA3(R"(\p{N}{1,3})");
    case SplitPattern::qwen2:
      return LLAMA3(R"(\p{N})");
    case SplitPattern::smollm:
      // gpt2's on each stretch between digits: a digit ends white space as the end of a text does.
      return CONTRACTION R"(| ?\p{L}+|\p{N}| ?[^\p{L}\p{N})" SPACE R"(]+|[)" SPACE
                         R"(]+(?![^\p{N})" SPACE R"(])|[)" SPACE "]+";
  }
  return "";
}
#undef LLAMA3
#undef CONTRACTION
#undef SPACE

template <auto free_function>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    free_function(pointer);
  }
};

}  // namespace

const char* to_string(SplitPattern pattern) {
  switch (pattern) {
    case SplitPattern::gpt2:
      return "gpt2";
    case SplitPattern::llama3:
      return "llama3";
    case SplitPattern::qwen2:
      return "qwen2";
    case SplitPattern::smollm:
      return "smollm";
  }
  return "";
}

std::string_view published_regex(SplitPattern pattern) {
  switch (pattern) {
    case SplitPattern::gpt2:
    case SplitPattern::smollm:
      return R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
    case SplitPattern::llama3:
      return R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
             R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
    case SplitPattern::qwen2:
      return R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
             R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  }
  return {};
}

struct Pretokenizer::Pattern {
  std::unique_ptr<pcre2_code, Freer<pcre2_code_free>> code;
};

Pretokenizer::Pretokenizer(SplitPattern pattern, PatternLimits limits)
    : split_{pattern}, limits_{limits} {
  int code = 0;
  PCRE2_SIZE where = 0;
  auto compiled = std::make_shared<Pattern>();
  compiled->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern_of(pattern)),
                                     PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED,
                                     &code, &where, nullptr));
  HIPPOCRYPT_CHECK(compiled->code != nullptr, "PCRE2 error " + std::to_string(code));
  // Where the system allows no executable memory this fails and matching is interpreted: slower,
  // with the same words.
  pcre2_jit_compile(compiled->code.get(), PCRE2_JIT_COMPLETE);
  pattern_ = std::move(compiled);
}

/// What PCRE2 needs to match; made when the first word is not ASCII.
struct Pretokenizer::Words::Match {
  explicit Match(const Pretokenizer& pretokenizer)
      : data{pcre2_match_data_create_from_pattern(pretokenizer.pattern_->code.get(), nullptr)},
        context{pcre2_match_context_create(nullptr)} {
    HIPPOCRYPT_CHECK(data != nullptr && context != nullptr, "out of memory");
    pcre2_set_match_limit(context.get(), pretokenizer.limits_.steps);
    pcre2_set_depth_limit(context.get(), pretokenizer.limits_.depth);
  }
  std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>> data;
  std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>> context;
};

Pretokenizer::Words::Words(const Pretokenizer& pretokenizer, std::string_view text)
    : pretokenizer_{&pretokenizer}, text_{text}, valid_end_{valid_utf8_prefix(text)} {}
Pretokenizer::Words::Words(Words&&) noexcept = default;
Pretokenizer::Words::~Words() = default;

std::optional<std::string_view> Pretokenizer::Words::match_pattern() {
  if (match_ == nullptr) match_ = std::make_unique<Match>(*pretokenizer_);
  // The stretch has been checked as a whole. Checking it again from every word on would make the
  // time quadratic, which is also why PCRE2_MATCH_INVALID_UTF is not used.
  const int found =
      pcre2_match(pretokenizer_->pattern_->code.get(), reinterpret_cast<PCRE2_SPTR>(text_.data()),
                  valid_end_, at_, PCRE2_NO_UTF_CHECK, match_->data.get(), match_->context.get());
  // Every character matches one of the alternatives, so only a limit can stop us.
  if (found <= 0) {
    status_ = Error{Errc::limit_exceeded, "dividing the text into words stopped after " +
                                              std::to_string(at_) + " bytes (PCRE2 error " +
                                              std::to_string(found) + "); shorten the text"};
    return {};
  }
  const std::size_t end = pcre2_get_ovector_pointer(match_->data.get())[1];
  const std::string_view word = text_.substr(at_, end - at_);
  at_ = end;
  return word;
}

std::optional<std::string_view> Pretokenizer::Words::next() {
  if (at_ == text_.size() || !status_.has_value()) return {};
  if (at_ == valid_end_) {
    std::size_t end = at_;
    while (end < text_.size() && utf8_sequence_size(text_.substr(end)) == 0) ++end;
    const std::string_view invalid = text_.substr(at_, end - at_);
    at_ = end;
    valid_end_ = end + valid_utf8_prefix(text_.substr(end));
    return invalid;
  }
  const std::string_view rest = text_.substr(at_, valid_end_ - at_);
  const std::size_t size = first_ascii_word(pretokenizer_->split_, rest);
  if (size == 0) return match_pattern();
  at_ += size;
  return rest.substr(0, size);
}

Result<std::vector<std::string_view>> Pretokenizer::words(std::string_view text) const {
  std::vector<std::string_view> out;
  Words words{*this, text};
  while (const auto word = words.next()) out.push_back(*word);
  if (!words.status().has_value()) return words.status().error();
  return out;
}

}  // namespace hippocrypt::model
