#pragma once
// Conversations as the text that instruction-tuned models were trained on: the chat templates of
// the supported families as code.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::model {

enum class ChatFormat {
  chatml,        ///< <|im_start|>role … <|im_end|>: SmolLM2, Qwen2.5
  llama3,        ///< <|start_header_id|>role<|end_header_id|> … <|eot_id|>
  llama3_dated,  ///< the same with the two dates of Llama 3.1 and 3.2 in the system message
  llama2,        ///< [INST] <<SYS>> … <</SYS>> … [/INST] … </s><s>
  zephyr,        ///< <|user|> … </s>: TinyLlama, Zephyr
  mistral,       ///< [INST] … [/INST]… </s>: 7B v0.1
  mistral_v1,    ///< the same with other spaces: 7B v0.2, Mixtral
  mistral_v3,    ///< and others again: 7B v0.3
};

/// "chatml", "llama3", …
const char* to_string(ChatFormat format);
/// The format of that name. Errors: not_found (which lists the names).
Result<ChatFormat> chat_format_named(std::string_view name);

struct ChatStyle {
  ChatFormat format = ChatFormat::chatml;
  /// chatml: the system message of conversations that begin without one; empty: none.
  std::string default_system{};
};

/// The style of a Jinja template, by its features; nothing for templates of other families.
std::optional<ChatStyle> detect_chat_style(std::string_view chat_template);

struct ChatMessage {
  std::string role;  ///< "system", "user" or "assistant"
  std::string content;
};

struct RenderedChat {
  std::string text;  ///< without the BOS at the start that the tokenizer may add
  /// Where the messages' contents lie. No special token may be found there: a note must not be able
  /// to end its own message.
  std::vector<ByteRange> contents;
};

/// `add_generation_prompt`: with the start of the assistant's next message. Errors: malformed (no
/// messages; in the formats with [INST], users and assistants that do not take turns, a user
/// first), unsupported (another role; in the formats with [INST], a system message later on).
Result<RenderedChat> render_chat(const ChatStyle& style, std::span<const ChatMessage> messages,
                                 bool add_generation_prompt);

/// The ids of a conversation, BOS included where the tokenizer adds it. Errors: as
/// Tokenizer::encode.
Result<std::vector<TokenId>> encode_chat(const Tokenizer& tokenizer, const RenderedChat& chat);

/// The special token that ends a message: generation stops there.
std::string_view end_of_turn(ChatFormat format);

}  // namespace hippocrypt::model
