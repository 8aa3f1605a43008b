#include "federation/client/chat_sequence.hpp"

#include <gtest/gtest.h>

#include "model/tokenizer/bpe_trainer.hpp"

namespace hippocrypt::federation {
namespace {

using notes::Role;

class ChatSequenceTest : public ::testing::Test {
 protected:
  static model::Tokenizer make_tokenizer() {
    const std::vector<std::string_view> texts{"fever and cough", "blood pressure 120/80"};
    const std::vector<std::string> specials{"<|im_start|>", "<|im_end|>"};
    return model::train_bpe(texts, 280, specials).value();
  }
  Result<TokenSequence> sequence(LossTokens loss, std::size_t max_tokens = 10'000) const {
    return chat_sequence(tokenizer_, {model::ChatFormat::chatml, {}}, turns_, loss, max_tokens);
  }
  /// The text of the tokens that are learned, special tokens as {ID}.
  std::string learned(const TokenSequence& sequence) const {
    std::string text;
    for (std::size_t t = 0; t < sequence.size(); ++t) {
      if (!sequence.learned[t]) continue;
      const model::TokenId id = sequence.tokens[t];
      text += tokenizer_.is_special(id) ? "{" + std::to_string(id) + "}"
                                        : tokenizer_.decode(std::vector{id}).value();
    }
    return text;
  }

  model::Tokenizer tokenizer_ = make_tokenizer();
  std::vector<notes::Turn> turns_{{Role::system, "Be brief."},
                                  {Role::user, "Blood pressure?"},
                                  {Role::assistant, "120/80"},
                                  {Role::user, "Cough?"},
                                  {Role::assistant, "fever and cough"}};
};

TEST_F(ChatSequenceTest, LearnsWhatTheAssistantSaysAndWhereItEnds) {
  const auto some = sequence(LossTokens::completion).value();
  const std::string end = "{" + std::to_string(*tokenizer_.special("<|im_end|>")) + "}\n";
  EXPECT_EQ(learned(some), "120/80" + end + "fever and cough" + end);
  const auto all = sequence(LossTokens::all).value();
  EXPECT_EQ(all.tokens, some.tokens);
  EXPECT_EQ(all.predicted(), all.size() - 1);
  EXPECT_FALSE(all.learned.front());
}

TEST_F(ChatSequenceTest, TurnsBeyondTheLimitNeedNoMarks) {
  const auto whole = sequence(LossTokens::completion).value();
  const auto cut = sequence(LossTokens::completion, 30).value();
  EXPECT_EQ(cut.tokens, whole.tokens);
  for (std::size_t t = 0; t < 30; ++t) EXPECT_EQ(cut.learned[t], whole.learned[t]) << t;
  EXPECT_LT(cut.predicted(), whole.predicted());
}

TEST_F(ChatSequenceTest, RefusesWhatTheFormatCannotSay) {
  EXPECT_EQ(chat_sequence(tokenizer_, {model::ChatFormat::mistral, {}},
                          {{Role::assistant, "a"}, {Role::assistant, "b"}}, LossTokens::all, 100)
                .error()
                .code,
            Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::federation
