#include "model/tokenizer/tokenizer_gguf.hpp"

#include <gtest/gtest.h>

#include "model/tokenizer/byte_alphabet.hpp"
#include "model/tokenizer/piece_spelling.hpp"
#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {
namespace {

constexpr const char* name = "model.gguf";

/// The bytes, "<s>", "</s>", "ab" and a merge that makes it.
GgufVocabulary byte_level(const std::string& pre) {
  GgufVocabulary out;
  out.model = "gpt2";
  out.pre = pre;
  for (int byte = 0; byte < 256; ++byte) {
    out.tokens.push_back(spell_bytes(std::string(1, static_cast<char>(byte))));
  }
  out.tokens.insert(out.tokens.end(), {"<s>", "</s>", "ab"});
  out.types.assign(259, 1);
  out.types[256] = out.types[257] = 3;
  out.merges = {"a b"};
  out.bos = 256;
  out.eos = 257;
  return out;
}

/// "<unk>", "<s>", "</s>", the bytes, the space and some words.
GgufVocabulary sentencepiece() {
  GgufVocabulary out;
  out.model = "llama";
  out.tokens = {"<unk>", "<s>", "</s>"};
  out.types = {2, 3, 3};
  for (int byte = 0; byte < 256; ++byte) {
    out.tokens.push_back(spell_byte(static_cast<std::uint8_t>(byte)));
    out.types.push_back(6);
  }
  for (const char* piece : {"\u2581", "a", "\u2581a"}) {
    out.tokens.emplace_back(piece);
    out.types.push_back(1);
  }
  out.scores.assign(out.tokens.size(), 0);
  return out;
}

using Ids = std::vector<TokenId>;

Tokenizer made(GgufVocabulary vocabulary) {
  auto tokenizer = tokenizer_from_gguf(std::move(vocabulary), name);
  HIPPOCRYPT_CHECK(tokenizer.has_value(), to_string(tokenizer.error()));
  return std::move(tokenizer).value();
}

TEST(TokenizerGgufTest, KnowsThePreTokenizersByTheirNames) {
  const std::vector<std::pair<const char*, SplitPattern>> cases{
      {"gpt-2", SplitPattern::gpt2},       {"gpt2", SplitPattern::gpt2},
      {"llama-bpe", SplitPattern::llama3}, {"llama3", SplitPattern::llama3},
      {"llama-v3", SplitPattern::llama3},  {"qwen2", SplitPattern::qwen2},
      {"smollm", SplitPattern::smollm},    {"deepseek-r1-qwen", SplitPattern::qwen2}};
  for (const auto& [pre, split] : cases) {
    const Tokenizer tokenizer = made(byte_level(pre));
    EXPECT_EQ(tokenizer.parts().split, split) << pre;
    EXPECT_EQ(tokenizer.parts().ignore_merges, split == SplitPattern::llama3);
    EXPECT_EQ(tokenizer.parts().normalize_nfc, split == SplitPattern::qwen2);
    EXPECT_EQ(*tokenizer.encode("ab"), Ids{258});
  }
}

TEST(TokenizerGgufTest, AddsBosAndEosAsTheFileSays) {
  const auto framed = [](GgufVocabulary vocabulary) {
    return *made(std::move(vocabulary)).encode("a", {.add_special = true});
  };
  EXPECT_EQ(framed(byte_level("qwen2")), Ids{'a'});
  EXPECT_EQ(framed(byte_level("llama-bpe")), (Ids{256, 'a'}));
  GgufVocabulary vocabulary = byte_level("llama-bpe");
  vocabulary.add_bos = false;
  vocabulary.add_eos = true;
  EXPECT_EQ(framed(vocabulary), (Ids{'a', 257}));
  EXPECT_EQ(framed(sentencepiece()), (Ids{1, 261}));
  vocabulary = sentencepiece();
  vocabulary.add_bos = false;
  vocabulary.add_eos = true;
  vocabulary.add_space_prefix = false;
  EXPECT_EQ(framed(vocabulary), (Ids{260, 2}));
}

TEST(TokenizerGgufTest, KeepsRolesAndTheChatTemplate) {
  GgufVocabulary vocabulary = byte_level("smollm");
  vocabulary.padding = 257;
  vocabulary.unknown = 256;
  vocabulary.chat_template = "{{ x }}";
  const Tokenizer tokenizer = made(vocabulary);
  EXPECT_EQ(tokenizer.bos(), 256u);
  EXPECT_EQ(tokenizer.eos(), 257u);
  EXPECT_EQ(tokenizer.parts().padding, 257u);
  EXPECT_EQ(tokenizer.parts().unknown, 256u);
  EXPECT_EQ(tokenizer.parts().chat_template, "{{ x }}");
  EXPECT_EQ(made(sentencepiece()).bos(), 1u);
  EXPECT_EQ(made(sentencepiece()).eos(), 2u);
}

TEST(TokenizerGgufTest, TreatsTokensByTheirTypes) {
  GgufVocabulary vocabulary = byte_level("gpt-2");
  vocabulary.tokens.insert(vocabulary.tokens.end(), {"<tool>", "[PAD260]"});
  vocabulary.types.insert(vocabulary.types.end(), {4, 5});
  const Tokenizer tokenizer = made(vocabulary);
  EXPECT_EQ(*tokenizer.encode("<tool>"), Ids{259});
  EXPECT_EQ(*tokenizer.encode("<s>[PAD260]", {.parse_special = true}),
            (Ids{256, '[', 'P', 'A', 'D', '2', '6', '0', ']'}));
  EXPECT_EQ(*tokenizer.decode(Ids{260, 256, 259}), "<tool>");
}

TEST(TokenizerGgufTest, NamesWhatItDoesNotSupport) {
  const auto with = [](GgufVocabulary vocabulary, auto change) {
    change(vocabulary);
    return tokenizer_from_gguf(std::move(vocabulary), name);
  };
  const auto same = [](GgufVocabulary&) {};
  expect_error(with(byte_level("tekken"), same), Errc::unsupported,
               "model.gguf: tokenizer.ggml.pre: the pre-tokenizer tekken is not supported; "
               "supported are");
  expect_error(with(byte_level(""), same), Errc::unsupported, "without a pre-tokenizer");
  expect_error(with(sentencepiece(), [](auto& v) { v.model = "t5"; }), Errc::unsupported,
               "the tokenizer t5");
}

TEST(TokenizerGgufTest, SaysWhatIsWrong) {
  const auto with = [](GgufVocabulary vocabulary, auto change) {
    change(vocabulary);
    return tokenizer_from_gguf(std::move(vocabulary), name);
  };
  const GgufVocabulary bytes = byte_level("qwen2"), pieces = sentencepiece();
  expect_error(with(bytes, [](auto& v) { v.types.pop_back(); }), Errc::malformed,
               "types or scores of 258 tokens");
  expect_error(with(bytes, [](auto& v) { v.types[3] = 9; }), Errc::malformed, "the type 9");
  expect_error(with(bytes, [](auto& v) { v.types[3] = 6; }), Errc::malformed, "the type 6");
  expect_error(with(bytes, [](auto& v) { v.tokens[258] = "ac"; }), Errc::malformed, "merge 0");
  expect_error(with(bytes, [](auto& v) { v.tokens[256] = ""; }), Errc::malformed, "empty");
  expect_error(with(bytes,
                    [](auto& v) {
                      v.tokens.emplace_back("\u2581");
                      v.types.push_back(1);
                    }),
               Errc::malformed, "the token 259 is not spelled");
  expect_error(with(bytes, [](auto& v) { v.merges = {"ab"}; }), Errc::malformed, "two tokens");
  expect_error(with(bytes, [](auto& v) { v.merges = {"a zz"}; }), Errc::malformed, "two tokens");
  expect_error(with(bytes,
                    [](auto& v) {
                      v.bos = {};
                      v.add_bos = true;
                    }),
               Errc::malformed, "BOS");
  expect_error(with(bytes,
                    [](auto& v) {
                      v.eos = {};
                      v.add_eos = true;
                    }),
               Errc::malformed, "EOS");
  expect_error(with(bytes, [](auto& v) { v.merges.resize(max_merges + 1); }), Errc::limit_exceeded,
               "at most 524288");
  expect_error(with(pieces, [](auto& v) { v.scores.clear(); }), Errc::malformed, "without scores");
  expect_error(with(pieces, [](auto& v) { v.tokens[5] = "<0x>"; }), Errc::malformed, "the type 6");
}

}  // namespace
}  // namespace hippocrypt::model
