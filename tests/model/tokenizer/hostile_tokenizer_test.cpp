// Truncated, bit-flipped and hand-made tokenizer files: a clear error each, or a tokenizer that
// works; never more memory than the file's size and 64 MiB.

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "model/tokenizer/byte_alphabet.hpp"
#include "model/tokenizer/piece_spelling.hpp"
#include "model/tokenizer/tokenizer_gguf.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "tests/model/tokenizer/tokenizer_fixture.hpp"
#include "tests/support/allocation_meter.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t allowance_bytes = std::size_t{64} << 20;
constexpr const char* source = "hostile";

void expect_sound(const Result<Tokenizer>& tokenizer, const std::string& what) {
  if (!tokenizer.has_value()) {
    const std::string& detail = tokenizer.error().detail;
    EXPECT_TRUE(detail.starts_with(source)) << what << ": " << detail;
    EXPECT_LT(detail.size(), 2000u) << what;
    return;
  }
  const std::string text = " the patient's fever, 12.5 \n";
  for (const bool parse : {false, true}) {
    const auto ids = tokenizer->encode(text, {.parse_special = parse, .add_special = true});
    ASSERT_TRUE(ids.has_value()) << what;
    EXPECT_TRUE(tokenizer->decode(*ids).has_value()) << what;
  }
}

/// Parses `text`; what it holds besides the text itself must stay within the allowance.
bool expect_bounded(const std::string& text, const std::string& what) {
  const test::AllocationMeter meter;
  const auto tokenizer = parse_tokenizer_json(text, source);
  EXPECT_LE(meter.peak_bytes(), allowance_bytes) << what;
  expect_sound(tokenizer, what);
  return tokenizer.has_value();
}

/// A SentencePiece tokenizer with few words.
Tokenizer sentencepiece_tokenizer() {
  TokenizerParts parts;
  parts.kind = TokenizerKind::sentencepiece;
  parts.tokens = {"", "", " ", "t", "h", "e", "th", " th", "the", " the"};
  parts.specials = {{0, "<s>"}, {1, "</s>"}};
  parts.prefix = {0};
  for (int byte = 0; byte < 256; ++byte) {
    parts.byte_fallback.push_back(static_cast<TokenId>(parts.tokens.size()));
    parts.tokens.emplace_back(1, static_cast<char>(byte));
  }
  parts.scores.assign(parts.tokens.size(), 0);
  auto made = Tokenizer::create(std::move(parts));
  HIPPOCRYPT_CHECK(made.has_value(), to_string(made.error()));
  return std::move(made).value();
}

std::vector<std::string> good_files() {
  TokenizerParts parts = trained_tokenizer(270).parts();
  parts.split = SplitPattern::llama3;
  parts.normalize_nfc = true;
  parts.prefix = {0};
  return {render_tokenizer_json(trained_tokenizer(270)),
          render_tokenizer_json(Tokenizer::create(std::move(parts)).value()),
          render_tokenizer_json(sentencepiece_tokenizer())};
}

TEST(HostileTokenizerTest, RefusesTruncatedFiles) {
  SeededSequence random{43, "truncated"};
  for (const std::string& whole : good_files()) {
    EXPECT_TRUE(expect_bounded(whole, "whole"));
    for (int round = 0; round < 30; ++round) {
      const std::size_t size = random.below(whole.size() - 2);
      EXPECT_FALSE(expect_bounded(whole.substr(0, size), std::to_string(size) + " bytes"));
    }
  }
}

TEST(HostileTokenizerTest, SurvivesFlippedBits) {
  SeededSequence random{47, "flipped"};
  std::size_t refused = 0;
  for (const std::string& whole : good_files()) {
    for (int round = 0; round < 100; ++round) {
      std::string text = whole;
      for (std::size_t i = 1 + random.below(4); i > 0; --i) {
        char& byte = text[random.below(text.size())];
        byte = static_cast<char>(byte ^ (1 << random.below(8)));
      }
      refused += expect_bounded(text, "flips, round " + std::to_string(round)) ? 0u : 1u;
    }
  }
  EXPECT_GT(refused, 150u);
}

TEST(HostileTokenizerTest, SurvivesPiecesInOtherPlaces) {
  // Well-formed more often than flips are, and so comes further.
  SeededSequence random{53, "moved"};
  const auto files = good_files();
  for (int round = 0; round < 150; ++round) {
    std::string text = files[random.below(files.size())];
    const std::string& other = files[random.below(files.size())];
    const std::size_t from = random.below(other.size()), size = random.below(60);
    text.replace(random.below(text.size()), random.below(60), other.substr(from, size));
    expect_bounded(text, "moved, round " + std::to_string(round));
  }
}

std::string repeated(std::string_view part, std::size_t count) {
  std::string out;
  out.reserve(part.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

std::string file_with(const std::string& vocab, const std::string& merges = "[]",
                      const std::string& more = "") {
  return R"({"model":{"type":"BPE","vocab":)" + vocab + R"(,"merges":)" + merges +
         R"(},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},)" +
         R"("decoder":{"type":"ByteLevel"})" + more + "}";
}

TEST(HostileTokenizerTest, RefusesHandMadeFiles) {
  const std::string added = R"(,"added_tokens":)";
  const std::string two_mebibytes(std::size_t{2} << 20, '1');
  const std::vector<std::string> files{
      "",
      "null",
      "[]",
      "{}",
      "\xEF\xBB\xBF{}",
      std::string(1 << 20, '['),
      std::string(1 << 20, '{'),
      repeated(R"({"a":)", 1 << 18),
      "\"" + two_mebibytes,
      "\"" + two_mebibytes + "\"",
      two_mebibytes,
      R"({"model":)" + two_mebibytes + "}",
      R"({")" + two_mebibytes + R"(":1})",
      R"({"version":[)" + repeated("[],", 1 << 21) + "[]]}",
      R"({"version":[)" + repeated("{},", 1 << 21) + "{}]}",
      R"({"version":{)" + repeated(R"("a":0,)", 1 << 20) + R"("b":0}})",
      R"({"model":3})",
      R"({"model":{"type":"BPE"},"model":{"type":"BPE"}})",
      R"({"model":{"type":"BPE","vocab":{},"vocab":{},"merges":[]}})",
      file_with("3"),
      file_with("[]"),
      file_with("{}"),
      file_with("[[[1]]]"),
      file_with(R"({"a":{"a":0}})"),
      file_with(R"({"a":[0]})"),
      file_with(R"({"a":524287})"),
      file_with(R"({"a":524288})"),
      file_with(R"({"a":4294967295})"),
      file_with(R"({"a":18446744073709551615})"),
      file_with(R"({"a":18446744073709551616})"),
      file_with(R"({"a":-1})"),
      file_with(R"({"a":0.5})"),
      file_with(R"({"a":1e400})"),
      file_with(R"({"a":null})"),
      file_with(R"({"a":0,"a":1})"),
      file_with(R"({"a":0,"b":0})"),
      file_with(R"({"":0})"),
      file_with(R"({"\ud800":0})"),
      file_with("{\"\xFF\":0}"),
      file_with(R"({"a":0})", "{}"),
      file_with(R"({"a":0})", R"({"x":"a a"})"),
      file_with(R"({"a":0})", R"([[["a","a"]]])"),
      file_with(R"({"a":0})", R"([["a"]])"),
      file_with(R"({"a":0})", R"([["a","a","a"]])"),
      file_with(R"({"a":0})", R"([{"a":"a"}])"),
      file_with(R"({"a":0})", R"(["a  a"])"),
      file_with(R"({"a":0})", R"(["a )" + std::string(1 << 19, 'b') + R"("])"),
      file_with(R"({"a":0})", "[" + repeated(R"("a a",)", 1 << 20) + R"("a a"])"),
      file_with(R"({"a":0})", "[" + repeated(R"([],)", 1 << 20) + "[]]"),
      file_with("{\"" + std::string(1 << 19, 'a') + R"(":0})"),
      file_with(R"({"a":0})", "[]", added + "3"),
      file_with(R"({"a":0})", "[]", added + "[3]"),
      file_with(R"({"a":0})", "[]", added + R"([{"id":524287,"content":"x","special":true}])"),
      file_with(R"({"a":0})", "[]", added + R"([{"id":1,"content":"","special":true}])"),
      file_with(R"({"a":0})", "[]", added + R"([{"id":0,"content":"x","special":true}])"),
      file_with(R"({"a":0})", "[]",
                added + "[" + repeated(R"({"id":1,"content":"x"},)", 1 << 19) + "{}]"),
  };
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_FALSE(expect_bounded(files[i], "file " + std::to_string(i)));
  }
}

/// A word of eight letters for each number.
std::string word_of(std::size_t number) {
  std::string word(8, 'a');
  for (char& c : word) {
    c = static_cast<char>('a' + number % 26);
    number /= 26;
  }
  return word;
}

TEST(HostileTokenizerTest, KeepsTheBoundAtItsOwnLimits) {
  // As many tokens and merges as are allowed, in as few bytes as they can have.
  std::string vocab = "{", merges = "[";
  std::size_t id = 0;
  const auto add = [&](const std::string& token) {
    vocab += (id == 0 ? "\"" : ",\"") + token + "\":" + std::to_string(id);
    ++id;
  };
  for (char c = 0x21; c < 0x7F; ++c) {
    if (c != '"' && c != '\\') add(std::string(1, c));
  }
  for (const char* token : {"\\\"", "\\\\", "\u0120"}) add(token);
  const std::size_t first = id;
  while (id < max_vocab_size) add(word_of(id));
  for (std::size_t merge = 0; merge < max_merges; ++merge) {
    merges += (merge == 0 ? "[\"" : ",[\"") + word_of(first + merge % 700) + "\",\"" +
              word_of(first + merge / 700) + "\"]";
  }
  const std::string text = file_with(vocab + "}", merges + "]");
  ASSERT_LT(text.size(), max_tokenizer_json_bytes);
  expect_bounded(text, "both limits");
  EXPECT_TRUE(expect_bounded(file_with(vocab + "}"), "most tokens"));
  // One token of the greatest id: the table is for all of them.
  expect_bounded(file_with(R"({"a":524287})"), "greatest id");
}

/// A small vocabulary of either kind, changed.
bool accepts_gguf(const std::function<void(GgufVocabulary&)>& change, bool sentencepiece,
                  const std::string& what) {
  const Tokenizer tokenizer_of_parts =
      sentencepiece ? sentencepiece_tokenizer() : trained_tokenizer(270);
  const TokenizerParts& parts = tokenizer_of_parts.parts();
  GgufVocabulary vocabulary;
  vocabulary.model = sentencepiece ? "llama" : "gpt2";
  vocabulary.pre = sentencepiece ? "default" : "llama-bpe";
  for (const std::string& token : parts.tokens) {
    vocabulary.tokens.push_back(sentencepiece ? spell_spaces(token) : spell_bytes(token));
    vocabulary.types.push_back(1);
  }
  for (const auto& special : parts.specials) {
    vocabulary.tokens[special.id] = special.content;
    vocabulary.types[special.id] = 3;
  }
  for (std::size_t byte = 0; byte < parts.byte_fallback.size(); ++byte) {
    vocabulary.tokens[parts.byte_fallback[byte]] = spell_byte(static_cast<std::uint8_t>(byte));
    vocabulary.types[parts.byte_fallback[byte]] = 6;
  }
  for (const auto& [left, right] : parts.merges) {
    vocabulary.merges.push_back(vocabulary.tokens[left] + " " + vocabulary.tokens[right]);
  }
  vocabulary.scores = parts.scores;
  vocabulary.bos = 0;
  change(vocabulary);
  const test::AllocationMeter meter;
  const auto tokenizer = tokenizer_from_gguf(std::move(vocabulary), source);
  EXPECT_LE(meter.peak_bytes(), allowance_bytes) << what;
  expect_sound(tokenizer, what);
  return tokenizer.has_value();
}

TEST(HostileTokenizerTest, RefusesVocabulariesOfGgufFiles) {
  const std::vector<std::function<void(GgufVocabulary&)>> both{
      [](auto& v) { v.model = "bert"; },
      [](auto& v) { v.model = ""; },
      [](auto& v) { v.tokens.clear(); },
      [](auto& v) { v.tokens.pop_back(); },
      [](auto& v) { v.tokens.emplace_back("x"); },
      [](auto& v) { v.tokens.resize(max_vocab_size + 1); },
      [](auto& v) { v.tokens[20].clear(); },
      [](auto& v) { v.tokens[20] = v.tokens[21]; },
      [](auto& v) { v.tokens[20].assign(max_token_bytes + 1, 'x'); },
      [](auto& v) { v.tokens[0] = "\xFF"; },
      [](auto& v) { v.types.pop_back(); },
      [](auto& v) { v.types[5] = 0; },
      [](auto& v) { v.types[5] = 7; },
      [](auto& v) { v.types[5] = -2147483647; },
      [](auto& v) { v.types.assign(v.types.size(), 3); },
      [](auto& v) { v.types.assign(v.types.size(), 4); },
      [](auto& v) { v.types.assign(v.types.size(), 5); },
      [](auto& v) { v.scores.assign(3, 0.0F); },
      [](auto& v) { v.bos = 1u << 30; },
      [](auto& v) { v.eos = UINT32_MAX; },
      [](auto& v) { v.padding = max_vocab_size; },
      [](auto& v) { v.unknown = 100'000; },
  };
  for (std::size_t i = 0; i < both.size(); ++i) {
    for (const bool sentencepiece : {false, true}) {
      EXPECT_FALSE(accepts_gguf(both[i], sentencepiece, "change " + std::to_string(i)))
          << i << (sentencepiece ? " sentencepiece" : " byte-level");
    }
  }
  const std::vector<std::function<void(GgufVocabulary&)>> byte_level{
      [](auto& v) { v.pre = "unknown"; },
      [](auto& v) { v.pre = ""; },
      [](auto& v) { v.types[100] = 6; },
      [](auto& v) { v.tokens[100] = "\u2581"; },
      [](auto& v) { v.merges[0] = "ab"; },
      [](auto& v) { v.merges[0] = ""; },
      [](auto& v) { v.merges[0] = "a zzzz"; },
      [](auto& v) { v.merges[0] = "a b c"; },
      [](auto& v) { v.merges[1] = v.merges[0]; },
      [](auto& v) { v.merges.resize(max_merges + 1); },
      [](auto& v) { v.bos = {}; },
      [](auto& v) { v.add_eos = true; },
  };
  for (std::size_t i = 0; i < byte_level.size(); ++i) {
    EXPECT_FALSE(accepts_gguf(byte_level[i], false, "byte-level " + std::to_string(i))) << i;
  }
  const std::vector<std::function<void(GgufVocabulary&)>> sentencepiece{
      [](auto& v) { v.scores.clear(); },
      [](auto& v) { v.scores[3] = std::numeric_limits<float>::quiet_NaN(); },
      [](auto& v) { v.tokens[2] = "x"; },
      [](auto& v) { v.tokens[20] = "<0xGG>"; },
      [](auto& v) { v.types[20] = 1; },
  };
  for (std::size_t i = 0; i < sentencepiece.size(); ++i) {
    EXPECT_FALSE(accepts_gguf(sentencepiece[i], true, "sentencepiece " + std::to_string(i))) << i;
  }
  EXPECT_TRUE(accepts_gguf([](auto&) {}, false, "unchanged"));
  EXPECT_TRUE(accepts_gguf([](auto&) {}, true, "unchanged"));
}

TEST(HostileTokenizerTest, BoundsWhatScoresStandFor) {
  // Every token of a's can be made in as many ways as it has letters.
  const auto many_ways = [](GgufVocabulary& v) {
    for (std::size_t size = 1; size <= max_token_bytes; ++size) {
      v.tokens.emplace_back(size, 'a');
      v.types.push_back(1);
      v.scores.push_back(0);
    }
  };
  EXPECT_FALSE(accepts_gguf(
      [&](GgufVocabulary& v) {
        many_ways(v);
        for (std::size_t size = 1; size < max_token_bytes; ++size) {
          v.tokens.push_back(std::string(size, 'a') + 'b');
          v.tokens.push_back(std::string(size, 'b') + 'a');
          v.tokens.push_back(std::string(size, 'b'));
          v.types.insert(v.types.end(), 3, 1);
          v.scores.insert(v.scores.end(), 3, 0.0F);
        }
      },
      true, "ways"));
}

TEST(HostileTokenizerTest, BoundsVocabulariesOfManyTokens) {
  const auto fill = [](std::int32_t type) {
    return [type](GgufVocabulary& v) {
      while (v.tokens.size() < max_vocab_size) {
        v.tokens.push_back(word_of(v.tokens.size()));
        v.types.push_back(type);
        v.scores.push_back(-1);
      }
    };
  };
  EXPECT_TRUE(accepts_gguf(fill(1), true, "normal"));
  EXPECT_FALSE(accepts_gguf(fill(3), true, "control"));
  EXPECT_FALSE(accepts_gguf(fill(4), true, "user-defined"));
  EXPECT_TRUE(accepts_gguf(fill(5), true, "unused"));
}

}  // namespace
}  // namespace hippocrypt::model
