#include "cli/session/conversation.hpp"

#include <algorithm>
#include <utility>

#include "cli/session/token_text.hpp"

namespace hippocrypt::cli {
namespace {

Result<model::ChatStyle> style_of(const model::ModelBundle& bundle) {
  if (bundle.chat_template.empty()) {
    return Error{Errc::unsupported, bundle.name +
                                        ": the model has no chat template, so it was not made for "
                                        "conversations; use --prompt"};
  }
  if (auto style = model::detect_chat_style(bundle.chat_template)) return *style;
  return Error{Errc::unsupported, bundle.name +
                                      ": its chat template is of a family that we do not know; use "
                                      "--prompt with the text that the model expects"};
}

std::size_t common_prefix(const std::vector<std::uint32_t>& a,
                          const std::vector<std::uint32_t>& b) {
  std::size_t size = 0;
  while (size < std::min(a.size(), b.size()) && a[size] == b[size]) ++size;
  return size;
}

}  // namespace

Conversation::Conversation(ModelSession& session, model::ChatStyle style, model::KvCache cache,
                           std::uint64_t cache_limit_bytes)
    : session_{session},
      style_{std::move(style)},
      cache_{std::move(cache)},
      decoder_{session.decoder(cache_.capacity_tokens())},
      cache_limit_bytes_{cache_limit_bytes} {}

Result<Conversation> Conversation::create(ModelSession& session, const Options& options) {
  HIPPOCRYPT_TRY(model::ChatStyle style, style_of(session.bundle()));
  const std::size_t room = std::min(options.max_tokens, session.config()->max_context);
  HIPPOCRYPT_TRY(model::KvCache cache,
                 model::KvCache::create(session.config(), room, options.cache_limit_bytes));
  Conversation conversation{session, std::move(style), std::move(cache), options.cache_limit_bytes};
  if (!options.system.empty()) conversation.messages_.push_back({"system", options.system});
  return conversation;
}

Result<model::GenerationReport> Conversation::answer(const std::string& message,
                                                     model::GenerationOptions options,
                                                     const model::TokenSink& sink) {
  HIPPOCRYPT_CHECK(options.copies == 1);
  const model::Tokenizer& tokenizer = session_.bundle().tokenizer;
  messages_.push_back({"user", message});
  HIPPOCRYPT_TRY(const model::RenderedChat text, render_chat(style_, messages_, true));
  HIPPOCRYPT_TRY(const auto prompt, encode_chat(tokenizer, text));
  if (prompt.size() >= cache_.capacity_tokens()) {
    return Error{Errc::limit_exceeded,
                 "the conversation has grown to " + std::to_string(prompt.size()) +
                     " tokens; there is room for " + std::to_string(cache_.capacity_tokens())};
  }
  // The last token is computed again, as its logits are not kept.
  const std::size_t known = std::min(common_prefix(prompt, cached_), prompt.size() - 1);
  cache_.truncate(known);
  cached_.resize(known);
  if (const auto end = tokenizer.special(end_of_turn(style_.format))) options.stop.push_back(*end);
  HIPPOCRYPT_TRY(model::GenerationReport report,
                 generate(decoder_, session_.config(), cache_, std::span{prompt}.subspan(known),
                          options, cache_limit_bytes_, sink));
  const auto& answer = report.sequences.front().tokens;
  messages_.push_back({"assistant", text_of(tokenizer, answer)});
  prompt_tokens_ = prompt.size();
  cached_ = prompt;
  cached_.insert(cached_.end(), answer.begin(), answer.end());
  cached_.resize(cache_.tokens());
  return report;
}

}  // namespace hippocrypt::cli
