#include "federation/client/chat_sequence.hpp"

#include <algorithm>
#include <span>

namespace hippocrypt::federation {
namespace {

using Ids = std::vector<model::TokenId>;
using Messages = std::span<const model::ChatMessage>;

enum class Ends : bool { with_the_last_message, where_an_answer_begins };

Result<Ids> encode(const model::Tokenizer& tokenizer, const model::ChatStyle& style,
                   Messages messages, Ends ends) {
  HIPPOCRYPT_TRY(const auto chat,
                 model::render_chat(style, messages, ends == Ends::where_an_answer_begins));
  return model::encode_chat(tokenizer, chat);
}

std::size_t common_prefix(const Ids& a, const Ids& b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

}  // namespace

Result<TokenSequence> chat_sequence(const model::Tokenizer& tokenizer,
                                    const model::ChatStyle& style,
                                    const std::vector<notes::Turn>& turns, LossTokens loss,
                                    std::size_t max_tokens) {
  std::vector<model::ChatMessage> messages;
  for (const auto& turn : turns) {
    messages.push_back({std::string{notes::to_string(turn.role)}, turn.text});
  }
  HIPPOCRYPT_TRY(const Ids all, encode(tokenizer, style, messages, Ends::with_the_last_message));
  TokenSequence sequence;
  sequence.tokens.assign(all.begin(), all.end());
  sequence.learned.assign(all.size(), loss == LossTokens::all);
  if (loss == LossTokens::completion) {
    for (std::size_t i = 1; i < turns.size(); ++i) {
      if (turns[i].role != notes::Role::assistant) continue;
      const Messages before = Messages{messages}.first(i);
      HIPPOCRYPT_TRY(const Ids asked,
                     encode(tokenizer, style, before, Ends::where_an_answer_begins));
      const std::size_t begin = common_prefix(asked, all);
      if (begin >= max_tokens) break;
      HIPPOCRYPT_TRY(const Ids answered, encode(tokenizer, style, Messages{messages}.first(i + 1),
                                                Ends::with_the_last_message));
      const std::size_t end = common_prefix(answered, all);
      for (std::size_t t = begin; t < end; ++t) sequence.learned[t] = true;
    }
  }
  if (!sequence.learned.empty()) sequence.learned.front() = false;
  return sequence;
}

}  // namespace hippocrypt::federation
