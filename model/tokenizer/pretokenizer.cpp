#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/tokenizer/pretokenizer.hpp"

#include <pcre2.h>

#include <string>

#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

// The pattern of openai/gpt-2's encoder.py. White space is written out as Unicode's White_Space:
// PCRE2's own \s has U+180E as well, which the tokenizers that publish vocabularies do not.
#define HIPPOCRYPT_WHITE_SPACE \
  R"(\t-\r\x20\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})"
constexpr std::string_view gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{L}\p{N})" HIPPOCRYPT_WHITE_SPACE
    R"(]+|[)" HIPPOCRYPT_WHITE_SPACE R"(]+(?![^)" HIPPOCRYPT_WHITE_SPACE
    R"(])|[)" HIPPOCRYPT_WHITE_SPACE R"(]+)";
#undef HIPPOCRYPT_WHITE_SPACE

template <auto free_function>
struct Freer {
  template <class T>
  void operator()(T* pointer) const {
    free_function(pointer);
  }
};
using MatchContext = std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>>;

/// What one call of words() needs.
struct Match {
  const pcre2_code* code;
  MatchData data;
  MatchContext context;
};

/// `utf8` has been checked as a whole. Checking it again from every word on would make the time
/// quadratic, which is also why PCRE2_MATCH_INVALID_UTF is not used: the interpreter would do that.
Status append_words(const Match& match, std::string_view utf8, std::vector<std::string_view>& out) {
  const auto subject = reinterpret_cast<PCRE2_SPTR>(utf8.data());
  const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(match.data.get());
  for (std::size_t at = 0; at < utf8.size(); at = bounds[1]) {
    const int found = pcre2_match(match.code, subject, utf8.size(), at, PCRE2_NO_UTF_CHECK,
                                  match.data.get(), match.context.get());
    // Every character matches one of the alternatives, so only a limit can stop us.
    if (found <= 0) {
      return Error{Errc::limit_exceeded, "dividing the text into words stopped after " +
                                             std::to_string(at) + " bytes (PCRE2 error " +
                                             std::to_string(found) + "); shorten the text"};
    }
    out.push_back(utf8.substr(at, bounds[1] - at));
  }
  return {};
}

}  // namespace

struct Pretokenizer::Pattern {
  std::unique_ptr<pcre2_code, Freer<pcre2_code_free>> code;
};

Pretokenizer::Pretokenizer(PatternLimits limits) : limits_{limits} {
  int code = 0;
  PCRE2_SIZE where = 0;
  auto pattern = std::make_shared<Pattern>();
  pattern->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(gpt2_pattern.data()),
                                    gpt2_pattern.size(), PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED,
                                    &code, &where, nullptr));
  HIPPOCRYPT_CHECK(pattern->code != nullptr, "PCRE2 error " + std::to_string(code));
  // Where the system allows no executable memory this fails and matching is interpreted: slower,
  // with the same words.
  pcre2_jit_compile(pattern->code.get(), PCRE2_JIT_COMPLETE);
  pattern_ = std::move(pattern);
}

Result<std::vector<std::string_view>> Pretokenizer::words(std::string_view text) const {
  Match match{pattern_->code.get(),
              MatchData{pcre2_match_data_create_from_pattern(pattern_->code.get(), nullptr)},
              MatchContext{pcre2_match_context_create(nullptr)}};
  HIPPOCRYPT_CHECK(match.data != nullptr && match.context != nullptr, "out of memory");
  pcre2_set_match_limit(match.context.get(), limits_.steps);
  pcre2_set_depth_limit(match.context.get(), limits_.depth);
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t valid = valid_utf8_prefix(text);
    HIPPOCRYPT_TRY_VOID(append_words(match, text.substr(0, valid), out));
    text.remove_prefix(valid);
    std::size_t invalid = 0;
    while (invalid < text.size() && utf8_sequence_size(text.substr(invalid)) == 0) ++invalid;
    if (invalid > 0) out.push_back(text.substr(0, invalid));
    text.remove_prefix(invalid);
  }
  return out;
}

}  // namespace hippocrypt::model
