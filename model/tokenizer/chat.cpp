#include "model/tokenizer/chat.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hippocrypt::model {
namespace {

constexpr std::array<std::pair<ChatFormat, const char*>, 8> names{{
    {ChatFormat::chatml, "chatml"},
    {ChatFormat::llama3, "llama3"},
    {ChatFormat::llama3_dated, "llama3_dated"},
    {ChatFormat::llama2, "llama2"},
    {ChatFormat::zephyr, "zephyr"},
    {ChatFormat::mistral, "mistral"},
    {ChatFormat::mistral_v1, "mistral_v1"},
    {ChatFormat::mistral_v3, "mistral_v3"},
}};

/// The date that Llama 3.1's template gives where its caller gives none; always the same, so that
/// equal conversations give equal text.
constexpr std::string_view llama3_dates =
    "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

/// Text that grows, with the places of what came from outside.
class Writer {
 public:
  Writer& fixed(std::string_view text) {
    chat_.text += text;
    return *this;
  }
  Writer& content(std::string_view text) {
    chat_.contents.push_back({chat_.text.size(), chat_.text.size() + text.size()});
    chat_.text += text;
    return *this;
  }
  RenderedChat take() && { return std::move(chat_); }

 private:
  RenderedChat chat_;
};

/// The formats in which every message has its role before and a token after it.
struct RoleFrame {
  std::string_view before_role, after_role, after_content, generation_prompt;
};

RenderedChat render_roles(const RoleFrame& frame, std::span<const ChatMessage> messages,
                          bool add_generation_prompt, bool trims) {
  Writer out;
  for (const ChatMessage& message : messages) {
    out.fixed(frame.before_role).fixed(message.role).fixed(frame.after_role);
    out.content(trims ? trimmed(message.content) : message.content).fixed(frame.after_content);
  }
  if (add_generation_prompt) out.fixed(frame.generation_prompt);
  return std::move(out).take();
}

constexpr RoleFrame chatml_frame{"<|im_start|>", "\n", "<|im_end|>\n", "<|im_start|>assistant\n"};
constexpr RoleFrame llama3_frame{"<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>",
                                 "<|start_header_id|>assistant<|end_header_id|>\n\n"};
constexpr RoleFrame zephyr_frame{"<|", "|>\n", "</s>\n", "<|assistant|>\n"};

RenderedChat render_chatml(const ChatStyle& style, std::span<const ChatMessage> messages,
                           bool add_generation_prompt) {
  std::vector<ChatMessage> all{messages.begin(), messages.end()};
  if (!style.default_system.empty() && all.front().role != "system") {
    all.insert(all.begin(), {"system", style.default_system});
  }
  return render_roles(chatml_frame, all, add_generation_prompt, false);
}

RenderedChat render_llama3(std::span<const ChatMessage> messages, bool add_generation_prompt,
                           bool is_dated) {
  if (!is_dated) return render_roles(llama3_frame, messages, add_generation_prompt, true);
  std::vector<ChatMessage> all{messages.begin(), messages.end()};
  if (all.front().role != "system") all.insert(all.begin(), {"system", ""});
  all.front().content = std::string{llama3_dates} + std::string{trimmed(all.front().content)};
  Writer out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    out.fixed(llama3_frame.before_role).fixed(all[i].role).fixed(llama3_frame.after_role);
    // The blank line after the dates stays when there is no system message.
    out.content(i == 0 ? std::string_view{all[i].content} : trimmed(all[i].content));
    out.fixed(llama3_frame.after_content);
  }
  if (add_generation_prompt) out.fixed(llama3_frame.generation_prompt);
  return std::move(out).take();
}

/// The formats in which a user's message and its answer are one turn.
struct TurnFrame {
  std::string_view before_user, after_user, before_assistant, after_assistant;
  std::string_view between_turns, before_system, after_system;
  bool trims_user, trims_assistant;
};

TurnFrame turn_frame(ChatFormat format) {
  switch (format) {
    case ChatFormat::mistral:
      return {"[INST] ", " [/INST]", "", "</s> ", "", "", "\n\n", false, false};
    case ChatFormat::mistral_v1:
      return {" [INST] ", " [/INST]", " ", "</s>", "", "", "\n\n", false, false};
    case ChatFormat::mistral_v3:
      return {"[INST] ", "[/INST]", " ", "</s>", "", "", "\n\n", false, true};
    case ChatFormat::llama2:
    case ChatFormat::chatml:
    case ChatFormat::llama3:
    case ChatFormat::llama3_dated:
    case ChatFormat::zephyr:
      break;
  }
  return {"[INST] ", " [/INST]", " ", " </s>", "<s>", "<<SYS>>\n", "\n<</SYS>>\n\n", true, true};
}

Result<RenderedChat> render_turns(const TurnFrame& frame, std::span<const ChatMessage> messages) {
  Writer out;
  const bool has_system = messages.front().role == "system";
  const auto turns = messages.subspan(has_system ? 1 : 0);
  if (turns.empty()) return Error{Errc::malformed, "chat: a system message alone; add a user's"};
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const ChatMessage& message = turns[i];
    if (message.role == "system") {
      return Error{Errc::unsupported, "chat: this model takes a system message first only"};
    }
    const bool is_user = i % 2 == 0;
    if ((message.role == "user") != is_user) {
      return Error{Errc::malformed, "chat: user and assistant must take turns, the user first"};
    }
    const bool trims = is_user ? frame.trims_user : frame.trims_assistant;
    const std::string_view content = trims ? trimmed(message.content) : message.content;
    if (!is_user) {
      out.fixed(frame.before_assistant).content(content).fixed(frame.after_assistant);
      continue;
    }
    out.fixed(i == 0 ? "" : frame.between_turns).fixed(frame.before_user);
    if (i == 0 && has_system) {
      out.fixed(frame.before_system).content(messages.front().content).fixed(frame.after_system);
    }
    out.content(content).fixed(frame.after_user);
  }
  return std::move(out).take();
}

}  // namespace

const char* to_string(ChatFormat format) {
  const auto* const found = std::find_if(
      names.begin(), names.end(), [format](const auto& name) { return name.first == format; });
  return found->second;
}

Result<ChatFormat> chat_format_named(std::string_view name) {
  std::string known;
  for (const auto& [format, text] : names) {
    if (name == text) return format;
    known += (known.empty() ? "" : ", ") + std::string{text};
  }
  return Error{Errc::not_found,
               "there is no chat format " + std::string{name} + "; there are " + known};
}

Result<RenderedChat> render_chat(const ChatStyle& style, std::span<const ChatMessage> messages,
                                 bool add_generation_prompt) {
  if (messages.empty()) return Error{Errc::malformed, "chat: a conversation without messages"};
  for (const ChatMessage& message : messages) {
    if (message.role != "system" && message.role != "user" && message.role != "assistant") {
      return Error{Errc::unsupported, "chat: the role " + message.role +
                                          " is not supported; use system, user or assistant"};
    }
  }
  switch (style.format) {
    case ChatFormat::chatml:
      return render_chatml(style, messages, add_generation_prompt);
    case ChatFormat::llama3:
      return render_llama3(messages, add_generation_prompt, false);
    case ChatFormat::llama3_dated:
      return render_llama3(messages, add_generation_prompt, true);
    case ChatFormat::zephyr:
      return render_roles(zephyr_frame, messages, add_generation_prompt, false);
    case ChatFormat::llama2:
    case ChatFormat::mistral:
    case ChatFormat::mistral_v1:
    case ChatFormat::mistral_v3:
      break;
  }
  // The closing [/INST] is the generation prompt.
  return render_turns(turn_frame(style.format), messages);
}

Result<std::vector<TokenId>> encode_chat(const Tokenizer& tokenizer, const RenderedChat& chat) {
  return tokenizer.encode(
      chat.text, {.parse_special = true, .add_special = true, .plain_ranges = chat.contents});
}

std::string_view end_of_turn(ChatFormat format) {
  if (format == ChatFormat::chatml) return "<|im_end|>";
  const bool is_llama3 = format == ChatFormat::llama3 || format == ChatFormat::llama3_dated;
  return is_llama3 ? "<|eot_id|>" : "</s>";
}

}  // namespace hippocrypt::model
