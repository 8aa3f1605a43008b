// Conversations rendered and encoded as other software does.

#include <gtest/gtest.h>

#include "model/tokenizer/chat.hpp"
#include "model/tokenizer/chat_template_file.hpp"
#include "tests/model/tokenizer/reference_vectors.hpp"

namespace hippocrypt::model {
namespace {

std::vector<ChatMessage> messages_of(const Json& row) {
  std::vector<ChatMessage> messages;
  for (const Json& message : row.at("messages")) {
    messages.push_back({message.at("role"), message.at("content")});
  }
  return messages;
}

TEST(ReferenceChatTest, RendersSmolLm2sConversations) {
  HIPPOCRYPT_NEED_REFERENCE(smollm2_path());
  const auto tokenizer = read_gguf_tokenizer(smollm2_path());
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  const auto style = detect_chat_style(tokenizer->parts().chat_template);
  ASSERT_TRUE(style.has_value());
  const auto rows = read_rows(reference_path("chat_smollm2.jsonl"));
  ASSERT_EQ(rows.size(), 28u);
  for (const Json& row : rows) {
    const auto chat = render_chat(*style, messages_of(row), row.at("add_generation_prompt"));
    ASSERT_TRUE(chat.has_value()) << to_string(chat.error());
    EXPECT_EQ(chat->text, row.at("text").get<std::string>());
    const auto ids = encode_chat(*tokenizer, *chat);
    EXPECT_EQ(*tokenizer->decode(*ids, {.keep_special = true}), chat->text);
  }
}

TEST(ReferenceChatTest, RecognisesTheTemplatesOfTheSmallModels) {
  HIPPOCRYPT_NEED_REFERENCE(reference_path("tiny_tokenizers"));
  const auto style_of = [](const char* name) {
    return detect_chat_style(*read_chat_template(reference_path("tiny_tokenizers") / name));
  };
  EXPECT_EQ(style_of("llama3")->format, ChatFormat::llama3);
  EXPECT_EQ(style_of("qwen2")->format, ChatFormat::chatml);
  EXPECT_EQ(style_of("qwen2")->default_system, "You are a helpful assistant.");
  EXPECT_FALSE(style_of("llama2").has_value());
}

}  // namespace
}  // namespace hippocrypt::model
