// Encoding on one core. Expected: a word that has come before costs its hash and a copy, 20 to 40
// ns; one that has not, a few look-ups in tables of megabytes for every byte.

#include <memory>

#include "base/random.hpp"
#include "benchmarks/alternate.hpp"
#include "benchmarks/sections.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "model/tokenizer/utf8.hpp"
#include "notes/synth/synthesize.hpp"

namespace hippocrypt::bench {
namespace {

using model::SplitPattern;
using model::Tokenizer;
using model::TokenizerParts;

/// English notes; about 4 MB.
std::vector<std::string> english_notes() {
  const auto notes =
      notes::synthesize({.patients = 3000, .specialities = notes::speciality_names()});
  HIPPOCRYPT_CHECK(notes.has_value(), to_string(notes.error()));
  std::vector<std::string> texts;
  for (const notes::Note& note : *notes) texts.push_back(note.text);
  return texts;
}

/// Words that hardly ever come again: what encoding costs without its memory.
std::string random_words(std::size_t size) {
  SeededSequence random{1, "random words"};
  std::string text;
  while (text.size() < size) {
    for (std::size_t i = 3 + random.below(8); i > 0; --i) {
      text += "etaoinshrdlucmfwypvbgkjqxz"[random.below(26)];
    }
    text += ' ';
  }
  return text;
}

Tokenizer shipped_tokenizer() {
  auto tokenizer = model::read_tokenizer_json(HIPPOCRYPT_SOURCE_DIR "/data/model/tokenizer.json");
  HIPPOCRYPT_CHECK(tokenizer.has_value(), to_string(tokenizer.error()));
  return std::move(tokenizer).value();
}

/// The shipped vocabulary with SentencePiece's rules: its text tokens, the earlier the better, and
/// a token for every byte.
Tokenizer sentencepiece_of(const TokenizerParts& shipped) {
  TokenizerParts parts;
  parts.kind = model::TokenizerKind::sentencepiece;
  for (int byte = 0; byte < 256; ++byte) {
    parts.byte_fallback.push_back(static_cast<model::TokenId>(parts.tokens.size()));
    parts.tokens.emplace_back(1, static_cast<char>(byte));
  }
  for (const std::string& token : shipped.tokens) {
    const bool is_text = !token.empty() && model::valid_utf8_prefix(token) == token.size();
    if (is_text && token.find(' ', 1) == token.npos) parts.tokens.push_back(token);
  }
  for (std::size_t id = 0; id < parts.tokens.size(); ++id) {
    parts.scores.push_back(-static_cast<float>(id));
  }
  auto tokenizer = Tokenizer::create(std::move(parts));
  HIPPOCRYPT_CHECK(tokenizer.has_value(), to_string(tokenizer.error()));
  return std::move(tokenizer).value();
}

struct Named {
  std::string name;
  Tokenizer tokenizer;
};

std::vector<Named> tokenizers() {
  const Tokenizer shipped = shipped_tokenizer();
  std::vector<Named> out;
  for (const auto split :
       {SplitPattern::gpt2, SplitPattern::llama3, SplitPattern::qwen2, SplitPattern::smollm}) {
    TokenizerParts parts = shipped.parts();
    parts.split = split;
    parts.ignore_merges = split == SplitPattern::llama3;
    parts.normalize_nfc = split == SplitPattern::qwen2;
    out.push_back({to_string(split), Tokenizer::create(std::move(parts)).value()});
  }
  out.push_back({"sentencepiece", sentencepiece_of(shipped.parts())});
  return out;
}

void encode_all(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    HIPPOCRYPT_CHECK(tokenizer.encode(text, {.parse_special = true}).has_value());
  }
}

double megabytes(const std::vector<std::string>& texts) {
  double bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<double>(text.size());
  return bytes * 1e-6;
}

}  // namespace

Section tokenizer_section(const Options& options) {
  Section section{.name = "tokenizer",
                  .title = "encoding, MB/s on one core",
                  .columns = {{"pattern", "pattern"},
                              {"notes_mb_s", "notes, each by itself", 1},
                              {"text_mb_s", "notes as one text", 1},
                              {"random_mb_s", "random words", 1},
                              {"runs", "runs"}}};
  const std::vector<std::string> notes = english_notes(), random{random_words(1u << 20)};
  std::vector<std::string> whole(1);
  for (const std::string& note : notes) whole.front() += note + "\n\n";
  for (const auto& [name, tokenizer] : tokenizers()) {
    const Tokenizer& chosen = tokenizer;  // clang does not capture bindings
    const auto timings = alternate({{"notes", [&] { encode_all(chosen, notes); }},
                                    {"text", [&] { encode_all(chosen, whole); }},
                                    {"random", [&] { encode_all(chosen, random); }}},
                                   {options.seconds});
    section.rows.push_back({{"pattern", name},
                            {"notes_mb_s", megabytes(notes) / timings[0].median_s},
                            {"text_mb_s", megabytes(whole) / timings[1].median_s},
                            {"random_mb_s", megabytes(random) / timings[2].median_s},
                            {"runs", timings[0].runs}});
  }
  section.notes.push_back(std::to_string(notes.size()) + " notes, " +
                          std::to_string(static_cast<int>(megabytes(notes) * 1000)) +
                          " KB; the shipped vocabulary");
  return section;
}

}  // namespace hippocrypt::bench
