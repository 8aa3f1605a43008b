#include "model/tokenizer/tokenizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "base/random.hpp"
#include "model/tokenizer/bpe_trainer.hpp"
#include "model/tokenizer/byte_alphabet.hpp"
#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {
namespace {

/// The definition, without any of the tables and queues of the tokenizer: of all adjacent pairs
/// the one that comes first in the list of merges, the leftmost, is joined; until there is none.
std::vector<std::string> naive_merge(std::string_view word, const TokenizerParts& parts) {
  std::vector<std::string> symbols;
  for (const char c : word) symbols.emplace_back(1, c);
  while (true) {
    std::size_t best_rank = parts.merges.size(), best_at = 0;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      for (std::size_t rank = 0; rank < best_rank; ++rank) {
        const auto& [left, right] = parts.merges[rank];
        if (parts.tokens[left] == symbols[i] && parts.tokens[right] == symbols[i + 1]) {
          best_rank = rank;
          best_at = i;
        }
      }
    }
    if (best_rank == parts.merges.size()) return symbols;
    symbols[best_at] += symbols[best_at + 1];
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
  }
}

std::vector<std::string> naive_encode(std::string_view text, const TokenizerParts& parts) {
  std::vector<std::string> out;
  const auto words = Pretokenizer{}.words(text);
  for (const std::string_view word : *words) {
    for (auto& symbol : naive_merge(word, parts)) out.push_back(std::move(symbol));
  }
  return out;
}

std::vector<std::string> encoded_bytes(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<std::string> out;
  const auto ids = tokenizer.encode(text);
  for (const TokenId id : *ids) out.push_back(tokenizer.parts().tokens[id]);
  return out;
}

/// Text of a few letters without spaces, in which many pairs overlap.
std::string dense_text(SeededSequence& random, std::size_t size) {
  std::string text;
  while (text.size() < size) text += "aabtnehr"[random.below(8)];
  return text;
}

TEST(Tokenizer, DecodesWhatItEncodesFromUtf8) {
  const Tokenizer tokenizer = trained_tokenizer();
  for (const std::string_view text :
       {"", " ", "a", "The patient's ECG\n\n\tshows 12.5 mg/l  ", "na\u00efve \u4e2d\u6587 \u00b5g",
        "\U0001F600\U0001F600 \u200d e\u0301", "<|eos|>"}) {
    const auto ids = tokenizer.encode(text);
    ASSERT_TRUE(ids.has_value());
    EXPECT_EQ(*tokenizer.decode(*ids), text);
  }
  EXPECT_TRUE(tokenizer.encode("")->empty());
}

TEST(Tokenizer, DecodesWhatItEncodesFromAnyBytes) {
  const Tokenizer tokenizer = trained_tokenizer();
  SeededSequence random{11, "any bytes"};
  for (int round = 0; round < 400; ++round) {
    std::string text;
    const std::size_t size = random.below(200);
    // Low rounds have many bytes that are not UTF-8, high ones few.
    const std::uint64_t wild = 1 + random.below(100);
    while (text.size() < size) {
      text += random.below(100) < wild ? static_cast<char>(random.below(256)) : 'e';
    }
    const auto ids = tokenizer.encode(text);
    ASSERT_TRUE(ids.has_value());
    ASSERT_EQ(*tokenizer.decode(*ids), text);
    ASSERT_TRUE(std::none_of(ids->begin(), ids->end(),
                             [&](TokenId id) { return tokenizer.is_special(id); }));
  }
}

TEST(Tokenizer, AgreesWithTheDefinitionOnText) {
  const Tokenizer tokenizer = trained_tokenizer();
  for (const std::string& text : sample_texts()) {
    EXPECT_EQ(encoded_bytes(tokenizer, text), naive_encode(text, tokenizer.parts()));
  }
}

TEST(Tokenizer, AgreesWithTheDefinitionOnShortAndLongWords) {
  // Long words go through a queue, short ones do not; 31 to 34 bytes straddle the change.
  const Tokenizer tokenizer = trained_tokenizer();
  SeededSequence random{13, "dense"};
  for (const std::size_t size : {1u, 2u, 3u, 5u, 8u, 13u, 31u, 32u, 33u, 34u, 60u, 150u}) {
    for (int round = 0; round < 8; ++round) {
      const std::string text = dense_text(random, size);
      ASSERT_EQ(encoded_bytes(tokenizer, text), naive_encode(text, tokenizer.parts())) << text;
    }
  }
}

TEST(Tokenizer, AgreesWithTheDefinitionOnRandomMerges) {
  // Random merges, unlike learned ones, include results that come about in several ways and pairs
  // whose rank is lower than that of their parts.
  SeededSequence random{17, "random merges"};
  for (int round = 0; round < 20; ++round) {
    TokenizerParts parts = byte_parts();
    std::vector<TokenId> usable;
    for (const char c : std::string_view{"aabtnehr"}) {
      usable.push_back(static_cast<TokenId>(static_cast<std::uint8_t>(c)));
    }
    for (int i = 0; i < 40; ++i) {
      const TokenPair pair{usable[random.below(usable.size())],
                           usable[random.below(usable.size())]};
      const std::string joined = parts.tokens[pair.first] + parts.tokens[pair.second];
      if (joined.size() > 6) continue;
      if (std::find(parts.merges.begin(), parts.merges.end(), pair) != parts.merges.end()) continue;
      if (std::find(parts.tokens.begin(), parts.tokens.end(), joined) == parts.tokens.end()) {
        usable.push_back(static_cast<TokenId>(parts.tokens.size()));
        parts.tokens.push_back(joined);
      }
      parts.merges.push_back(pair);
    }
    for (std::size_t i = parts.merges.size(); i > 1; --i) {
      std::swap(parts.merges[i - 1], parts.merges[random.below(i)]);
    }
    const auto tokenizer = Tokenizer::create(parts);
    ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
    for (const std::size_t size : {6u, 20u, 32u, 33u, 80u}) {
      const std::string text = dense_text(random, size);
      ASSERT_EQ(encoded_bytes(*tokenizer, text), naive_encode(text, parts)) << text;
    }
  }
}

TEST(Tokenizer, EncodesAMillionBytesWithoutASpace) {
  const Tokenizer tokenizer = trained_tokenizer();
  SeededSequence random{19, "long word"};
  for (const std::string& text :
       {dense_text(random, 1 << 20), std::string(1 << 20, '\xFF'), std::string(1 << 20, ' ')}) {
    const auto ids = tokenizer.encode(text);
    ASSERT_TRUE(ids.has_value());
    EXPECT_TRUE(*tokenizer.decode(*ids) == text);
  }
}

TEST(Tokenizer, GivesSpecialTokensNoText) {
  const Tokenizer tokenizer = trained_tokenizer();
  const auto eos = tokenizer.special("<|eos|>");
  ASSERT_TRUE(eos.has_value());
  EXPECT_TRUE(tokenizer.is_special(*eos));
  EXPECT_FALSE(tokenizer.is_special(static_cast<TokenId>(tokenizer.vocab_size())));
  EXPECT_FALSE(tokenizer.special("<|nothing|>").has_value());
  const auto ids = tokenizer.encode("a<|eos|>b");
  EXPECT_EQ(std::count(ids->begin(), ids->end(), *eos), 0);
  const TokenId a = tokenizer.encode("a")->front();
  EXPECT_EQ(*tokenizer.decode(std::vector<TokenId>{*eos, a, *eos}), "a");
}

TEST(Tokenizer, RefusesIdsOutsideTheVocabularyAndTextsAboveTheLimit) {
  const auto tokenizer = Tokenizer::create(byte_parts());
  ASSERT_TRUE(tokenizer.has_value());
  expect_error(tokenizer->decode(std::vector<TokenId>{1, 256}), Errc::out_of_range, "256");
  const std::string text(max_text_bytes + 1, 'a');
  expect_error(tokenizer->encode(text), Errc::limit_exceeded, "at most");
}

TEST(Tokenizer, MayBeSharedByThreadsAndMoved) {
  Tokenizer first = trained_tokenizer();
  const std::string text = sample_texts().front();
  const auto wanted = *first.encode(text);
  const Tokenizer tokenizer = std::move(first);
  const Tokenizer copy = tokenizer;
  std::vector<std::vector<TokenId>> got(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < got.size(); ++i) {
      threads.emplace_back([&, i] { got[i] = *(i % 2 == 0 ? tokenizer : copy).encode(text); });
    }
  }
  for (const auto& ids : got) EXPECT_EQ(ids, wanted);
}

TEST(Tokenizer, RefusesVocabulariesThatCannotBe) {
  const auto with = [](auto change) {
    TokenizerParts parts = byte_parts();
    change(parts);
    return Tokenizer::create(std::move(parts));
  };
  const auto add = [](TokenizerParts& parts, std::string token) {
    parts.tokens.push_back(std::move(token));
  };
  EXPECT_TRUE(with([](TokenizerParts&) {}).has_value());
  expect_error(with([](TokenizerParts& p) { p.tokens['a'] = "\xFF\xFF"; }), Errc::malformed,
               "byte value 97");
  expect_error(with([&](TokenizerParts& p) { add(p, "a"); }), Errc::malformed, "comes twice");
  expect_error(with([&](TokenizerParts& p) { add(p, ""); }), Errc::malformed, "id 256");
  expect_error(with([&](TokenizerParts& p) { add(p, std::string(max_token_bytes + 1, 'a')); }),
               Errc::limit_exceeded, "token");
  expect_error(with([](TokenizerParts& p) { p.tokens.resize(max_vocab_size + 1, "x"); }),
               Errc::limit_exceeded, "tokens");
  expect_error(with([](TokenizerParts& p) { p.merges.resize(max_merges + 1); }),
               Errc::limit_exceeded, "merges");
  expect_error(with([](TokenizerParts& p) { p.merges = {{97, 98}}; }), Errc::malformed, "ab");
  expect_error(with([](TokenizerParts& p) { p.merges = {{97, 999}}; }), Errc::malformed, "merge 0");
  expect_error(with([&](TokenizerParts& p) {
                 add(p, "ab");
                 p.merges = {{97, 98}, {97, 98}};
               }),
               Errc::malformed, "merge 1 comes twice");
}

TEST(Tokenizer, RefusesSpecialTokensThatTextCouldGive) {
  using Specials = std::vector<TokenizerParts::Special>;
  const auto with = [](Specials specials) {
    TokenizerParts parts = byte_parts();
    parts.tokens.resize(258);
    parts.specials = std::move(specials);
    return Tokenizer::create(std::move(parts));
  };
  EXPECT_TRUE(with({{256, "<s>"}, {257, "</s>"}}).has_value());
  expect_error(with({{256, "<s>"}, {258, "</s>"}}), Errc::malformed, "outside");
  expect_error(with({{256, "<s>"}, {256, "</s>"}}), Errc::malformed, "twice");
  expect_error(with({{256, "<s>"}, {257, "<s>"}}), Errc::malformed, "twice");
  expect_error(with({{256, "<s>"}, {97, "</s>"}}), Errc::malformed, "also has text");
  expect_error(with({{256, "<s>"}, {257, ""}}), Errc::malformed, "empty");
  expect_error(with({{256, "<s>"}, {257, "\xFF"}}), Errc::malformed, "UTF-8");
  expect_error(with({{256, "<s>"}, {257, "a"}}), Errc::malformed, "token of text");
  expect_error(with({{256, std::string(max_token_bytes + 1, '<')}, {257, "<s>"}}),
               Errc::limit_exceeded, "special");
  TokenizerParts parts = byte_parts();
  parts.tokens.resize(257);
  parts.specials = {{256, "<s>"}};
  parts.merges = {{97, 256}};
  expect_error(Tokenizer::create(parts), Errc::malformed, "merge 0");
}

TEST(ByteAlphabet, SpellsEveryByteAndBack) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string spelled = spell_bytes(all);
  EXPECT_EQ(unspell_bytes(spelled), all);
  // From GPT-2's vocabulary.
  EXPECT_EQ(spell_bytes(" the"), "\u0120the");
  EXPECT_EQ(spell_bytes("\n"), "\u010a");
  EXPECT_EQ(spell_bytes("\xA0"), "\u0142");
  EXPECT_EQ(spell_bytes("\xAD"), "\u0143");
  for (const char* foreign : {"\u2581", " ", "\xFF", "\u0144", "\u00ad", "\xC4"}) {
    EXPECT_FALSE(unspell_bytes(foreign).has_value()) << foreign;
  }
}

}  // namespace
}  // namespace hippocrypt::model
