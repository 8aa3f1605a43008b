// The half of chat.hpp that reads Jinja templates, as far as recognising them goes.

#include <algorithm>

#include "model/tokenizer/chat.hpp"

namespace hippocrypt::model {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// A string literal's contents with \n and \' as the characters they stand for.
std::string unescape(std::string_view literal) {
  std::string out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const bool is_escape = literal[i] == '\\' && i + 1 < literal.size();
    if (is_escape) ++i;
    out += is_escape && literal[i] == 'n' ? '\n' : literal[i];
  }
  return out;
}

/// Where a string literal that has begun before `at` ends: its quote, or the text's end.
std::size_t literal_end(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '\'' && text[at] != '"') {
    at += text[at] == '\\' ? 2u : 1u;
  }
  return std::min(at, text.size());
}

/// The system message that a ChatML template writes out itself.
std::string default_system_of(std::string_view chat_template) {
  constexpr std::string_view opening = "<|im_start|>system", closing = "<|im_end|>";
  for (std::size_t at = chat_template.find(opening); at != chat_template.npos;
       at = chat_template.find(opening, at + 1)) {
    const std::size_t start = at + opening.size();
    const std::string literal =
        unescape(chat_template.substr(start, literal_end(chat_template, start) - start));
    const std::size_t end = literal.find(closing);
    if (literal.starts_with('\n') && end != literal.npos && end > 1) {
      return literal.substr(1, end - 1);
    }
  }
  return {};
}

ChatFormat inst_format(std::string_view chat_template) {
  if (contains(chat_template, "<<SYS>>")) return ChatFormat::llama2;
  if (contains(chat_template, " [INST]")) return ChatFormat::mistral_v1;
  if (contains(chat_template, "[AVAILABLE_TOOLS]")) return ChatFormat::mistral_v3;
  return ChatFormat::mistral;
}

}  // namespace

std::optional<ChatStyle> detect_chat_style(std::string_view chat_template) {
  if (contains(chat_template, "<|im_start|>")) {
    return ChatStyle{ChatFormat::chatml, default_system_of(chat_template)};
  }
  if (contains(chat_template, "<|start_header_id|>") && contains(chat_template, "<|eot_id|>")) {
    const bool is_dated = contains(chat_template, "Cutting Knowledge Date");
    return ChatStyle{is_dated ? ChatFormat::llama3_dated : ChatFormat::llama3};
  }
  // Later Mistral models have other tokens for the system message.
  if (contains(chat_template, "[INST]") && !contains(chat_template, "[SYSTEM_PROMPT]")) {
    return ChatStyle{inst_format(chat_template)};
  }
  // Phi-3's is like Zephyr's, but ends messages with <|end|>.
  if (contains(chat_template, "<|user|>") && contains(chat_template, "eos_token") &&
      !contains(chat_template, "<|end|>")) {
    return ChatStyle{ChatFormat::zephyr};
  }
  return {};
}

}  // namespace hippocrypt::model
