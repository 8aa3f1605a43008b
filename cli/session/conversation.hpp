#pragma once
// A conversation with a model: each answer continues what was said before, and only what is new is
// computed.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/session/model_session.hpp"
#include "model/inference/generation.hpp"
#include "model/tokenizer/chat.hpp"

namespace hippocrypt::cli {

class Conversation {
 public:
  struct Options {
    std::string system;          ///< message before the first; empty: the model's own, if any
    std::size_t max_tokens = 0;  ///< room for all that is said; cut to what the model takes
    std::uint64_t cache_limit_bytes = 0;
  };

  /// `session` must outlive the conversation. Errors: unsupported (the model has no chat template,
  /// or one of a family that we do not know), limit_exceeded (the room).
  static Result<Conversation> create(ModelSession& session, const Options& options);

  /// Says `message` and lets the model answer; the options' stop tokens get those that end a turn.
  /// One copy only. Errors: those of render_chat, encode_chat and generate; limit_exceeded (the
  /// room is full).
  Result<model::GenerationReport> answer(const std::string& message,
                                         model::GenerationOptions options,
                                         const model::TokenSink& sink);

  /// Tokens of the last answer's prompt: all that was said before it.
  std::size_t prompt_tokens() const { return prompt_tokens_; }

 private:
  Conversation(ModelSession& session, model::ChatStyle style, model::KvCache cache,
               std::uint64_t cache_limit_bytes);

  ModelSession& session_;
  model::ChatStyle style_;
  model::KvCache cache_;
  model::Decoder decoder_;
  std::uint64_t cache_limit_bytes_;
  std::vector<model::ChatMessage> messages_;
  std::vector<std::uint32_t> cached_;  ///< the tokens that the cache holds
  std::size_t prompt_tokens_ = 0;
};

}  // namespace hippocrypt::cli
