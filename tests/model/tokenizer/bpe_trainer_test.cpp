#include "model/tokenizer/bpe_trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {
namespace {

/// The definition: count all pairs anew before every merge.
std::vector<std::pair<std::string, std::string>> naive_merges(const std::vector<std::string>& texts,
                                                              const Tokenizer& ids,
                                                              std::size_t count) {
  std::vector<std::vector<std::string>> words;
  for (const std::string& text : texts) {
    const auto split = Pretokenizer{}.words(text);
    for (const std::string_view word : *split) {
      auto& symbols = words.emplace_back();
      for (const char c : word) symbols.emplace_back(1, c);
    }
  }
  const auto& tokens = ids.parts().tokens;
  const auto id_of = [&tokens](const std::string& token) {
    return std::find(tokens.begin(), tokens.end(), token) - tokens.begin();
  };
  std::vector<std::pair<std::string, std::string>> merges;
  while (merges.size() < count) {
    std::map<std::pair<std::string, std::string>, std::int64_t> uses;
    for (const auto& word : words) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) ++uses[{word[i], word[i + 1]}];
    }
    const auto best = std::max_element(uses.begin(), uses.end(), [&](const auto& a, const auto& b) {
      if (a.second != b.second) return a.second < b.second;
      return std::pair{id_of(a.first.first), id_of(a.first.second)} >
             std::pair{id_of(b.first.first), id_of(b.first.second)};
    });
    const auto pair = best->first;
    merges.push_back(pair);
    for (auto& word : words) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) {
        if (word[i] != pair.first || word[i + 1] != pair.second) continue;
        word[i] += word[i + 1];
        word.erase(word.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
  }
  return merges;
}

TEST(BpeTrainer, LearnsTheMergesOfTheDefinition) {
  const auto texts = sample_texts();
  const Tokenizer tokenizer = trained_tokenizer(300);
  const auto& parts = tokenizer.parts();
  ASSERT_EQ(parts.merges.size(), 300u - 256u - 3u);
  std::vector<std::pair<std::string, std::string>> got;
  for (const auto& [left, right] : parts.merges) {
    got.emplace_back(parts.tokens[left], parts.tokens[right]);
  }
  EXPECT_EQ(got, naive_merges(texts, tokenizer, parts.merges.size()));
}

TEST(BpeTrainer, IsDeterministicWhateverTheOrderOfTexts) {
  auto texts = sample_texts();
  const auto first = train_bpe(views(texts), 400, special_names());
  std::reverse(texts.begin(), texts.end());
  const auto second = train_bpe(views(texts), 400, special_names());
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->parts().tokens, second->parts().tokens);
  EXPECT_EQ(first->parts().merges, second->parts().merges);
}

TEST(BpeTrainer, PutsSpecialTokensAndBytesFirst) {
  const Tokenizer tokenizer = trained_tokenizer();
  EXPECT_EQ(tokenizer.vocab_size(), 350u);
  EXPECT_EQ(tokenizer.special("<|bos|>"), 0u);
  EXPECT_EQ(tokenizer.special("<|pad|>"), 2u);
  EXPECT_EQ(tokenizer.parts().tokens[3], "!");
  EXPECT_EQ(tokenizer.parts().tokens[259].size(), 2u);
}

TEST(BpeTrainer, StopsWhenNoPairComesTwice) {
  const std::vector<std::string_view> texts{"abab", "xyz"};
  const auto tokenizer = train_bpe(texts, 1000, {});
  ASSERT_TRUE(tokenizer.has_value());
  EXPECT_EQ(tokenizer->parts().merges.size(), 1u);
  EXPECT_EQ(tokenizer->parts().tokens.back(), "ab");
  EXPECT_EQ(train_bpe({}, 256, {})->vocab_size(), 256u);
}

TEST(BpeTrainer, NeverLearnsASpecialTokensName) {
  // Without spaces "<|eos|>" is three words; a name that is one word could be learned.
  const std::vector<std::string> names{"END"};
  const std::vector<std::string_view> texts{"END END END END"};
  const auto tokenizer = train_bpe(texts, 300, names);
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  const auto ids = tokenizer->encode("END");
  EXPECT_GT(ids->size(), 1u);
  EXPECT_EQ(std::count(ids->begin(), ids->end(), *tokenizer->special("END")), 0);
}

TEST(BpeTrainer, LeavesOutWordsThatAreTooLong) {
  const std::string blob(max_training_word_bytes + 1, 'a');
  const std::vector<std::string_view> texts{blob, blob};
  EXPECT_TRUE(train_bpe(texts, 300, {})->parts().merges.empty());
}

TEST(BpeTrainer, RefusesWhatItCannotDo) {
  expect_error(train_bpe({}, 255, {}), Errc::out_of_range, "256");
  expect_error(train_bpe({}, 258, special_names()), Errc::out_of_range, "259");
  expect_error(train_bpe({}, max_vocab_size + 1, {}), Errc::out_of_range,
               std::to_string(max_vocab_size));
  const std::vector<std::string> twice{"<s>", "<s>"}, bytes{"\xFF"}, letter{"a"};
  expect_error(train_bpe({}, 300, twice), Errc::malformed, "twice");
  expect_error(train_bpe({}, 300, bytes), Errc::malformed, "UTF-8");
  expect_error(train_bpe({}, 300, letter), Errc::malformed, "token of text");
  const std::string large(max_text_bytes + 1, 'a');
  const std::vector<std::string_view> texts{large};
  expect_error(train_bpe(texts, 300, {}), Errc::limit_exceeded, "divide it");
  const std::vector<std::string> long_name{std::string(max_token_bytes + 1, '<')};
  expect_error(train_bpe({}, 300, long_name), Errc::limit_exceeded, "special");
}

}  // namespace
}  // namespace hippocrypt::model
