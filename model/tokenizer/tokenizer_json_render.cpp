// The writing half of tokenizer_json.hpp.

#include "base/file.hpp"
#include "model/files/json.hpp"
#include "model/tokenizer/byte_alphabet.hpp"
#include "model/tokenizer/piece_spelling.hpp"
#include "model/tokenizer/tokenizer_json.hpp"

namespace hippocrypt::model {
namespace {

/// For ids that stand for nothing.
std::string unused_name(TokenId id) { return "<unused_" + std::to_string(id) + ">"; }

Json sequence(const char* members, Json list) {
  return {{"type", "Sequence"}, {members, std::move(list)}};
}

Json byte_level_json(bool use_regex = true) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", true},
          {"use_regex", use_regex}};
}

Json replace_json(std::string_view from, std::string_view to) {
  return {{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
}

Json pre_tokenizer_json(const TokenizerParts& parts) {
  if (parts.kind == TokenizerKind::byte_level) {
    switch (parts.split) {
      case SplitPattern::gpt2:
        return byte_level_json();
      case SplitPattern::smollm:
        return sequence("pretokenizers",
                        {{{"type", "Digits"}, {"individual_digits", true}}, byte_level_json()});
      case SplitPattern::llama3:
      case SplitPattern::qwen2:
        return sequence("pretokenizers", {{{"type", "Split"},
                                           {"pattern", {{"Regex", published_regex(parts.split)}}},
                                           {"behavior", "Isolated"},
                                           {"invert", false}},
                                          byte_level_json(false)});
    }
  }
  const bool is_metaspace = parts.dummy_prefix == DummyPrefix::every_stretch_without ||
                            parts.dummy_prefix == DummyPrefix::start_without;
  if (!is_metaspace) return nullptr;
  const bool is_first = parts.dummy_prefix == DummyPrefix::start_without;
  return {{"type", "Metaspace"},
          {"replacement", visible_space},
          {"prepend_scheme", is_first ? "first" : "always"},
          {"split", false}};
}

Json normalizer_json(const TokenizerParts& parts) {
  if (parts.kind == TokenizerKind::byte_level) {
    return parts.normalize_nfc ? Json{{"type", "NFC"}} : Json(nullptr);
  }
  const Json replace = replace_json(" ", visible_space);
  if (parts.dummy_prefix == DummyPrefix::none)
    return sequence("normalizers", Json::array({replace}));
  if (parts.dummy_prefix != DummyPrefix::every_stretch) return nullptr;
  return sequence("normalizers", {{{"type", "Prepend"}, {"prepend", visible_space}}, replace});
}

Json decoder_json(const TokenizerParts& parts) {
  if (parts.kind == TokenizerKind::byte_level) return byte_level_json();
  Json steps = {replace_json(visible_space, " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
  if (parts.dummy_prefix != DummyPrefix::none) {
    steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  }
  return sequence("decoders", std::move(steps));
}

/// The tokens as files spell them, by id; special ones by name.
std::vector<std::string> spellings_of(const TokenizerParts& parts) {
  std::vector<std::string> spellings;
  spellings.reserve(parts.tokens.size());
  const bool is_byte_level = parts.kind == TokenizerKind::byte_level;
  for (const std::string& token : parts.tokens) {
    spellings.push_back(is_byte_level ? spell_bytes(token) : spell_spaces(token));
  }
  for (std::size_t byte = 0; byte < parts.byte_fallback.size(); ++byte) {
    spellings[parts.byte_fallback[byte]] = spell_byte(static_cast<std::uint8_t>(byte));
  }
  for (const auto* tokens : {&parts.specials, &parts.added}) {
    for (const auto& token : *tokens) spellings[token.id] = token.content;
  }
  // A reader wants a token for every id; a control token is never found in plain text.
  for (const TokenId id : parts.unused) spellings[id] = unused_name(id);
  return spellings;
}

Json added_tokens_json(const TokenizerParts& parts) {
  Json added = Json::array();
  const auto add = [&added](TokenId id, const std::string& content, bool special) {
    added.push_back({{"id", id},
                     {"content", content},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", special}});
  };
  for (const auto& token : parts.specials) add(token.id, token.content, true);
  for (const auto& token : parts.added) add(token.id, token.content, false);
  for (const TokenId id : parts.unused) add(id, unused_name(id), true);
  return added;
}

/// What stands before and after a text.
Json post_processor_json(const TokenizerParts& parts, const std::vector<std::string>& spellings) {
  if (parts.prefix.empty() && parts.suffix.empty()) return nullptr;
  Json single = Json::array(), names = Json::object();
  const auto add = [&](TokenId id) {
    const std::string& name = spellings[id];
    single.push_back({{"SpecialToken", {{"id", name}, {"type_id", 0}}}});
    names[name] = {{"id", name}, {"ids", Json::array({id})}, {"tokens", Json::array({name})}};
  };
  for (const TokenId id : parts.prefix) add(id);
  single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
  for (const TokenId id : parts.suffix) add(id);
  Json pair = single;
  pair.push_back({{"Sequence", {{"id", "B"}, {"type_id", 1}}}});
  return {{"type", "TemplateProcessing"},
          {"single", std::move(single)},
          {"pair", std::move(pair)},
          {"special_tokens", std::move(names)}};
}

Json model_json(const Tokenizer& tokenizer, const std::vector<std::string>& spellings) {
  const TokenizerParts& parts = tokenizer.parts();
  Json merges = Json::array();
  for (const TokenPair& pair : tokenizer.merges_in_order()) {
    merges.push_back(spellings[pair.first] + " " + spellings[pair.second]);
  }
  Json vocab = Json::object();
  for (std::size_t id = 0; id < spellings.size(); ++id) vocab[spellings[id]] = id;
  const bool is_sentencepiece = parts.kind == TokenizerKind::sentencepiece;
  return {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", nullptr},
          {"continuing_subword_prefix", nullptr},
          {"end_of_word_suffix", nullptr},
          {"fuse_unk", is_sentencepiece},
          {"byte_fallback", is_sentencepiece},
          {"ignore_merges", parts.ignore_merges},
          {"vocab", std::move(vocab)},
          {"merges", std::move(merges)}};
}

}  // namespace

std::string render_tokenizer_json(const Tokenizer& tokenizer) {
  const TokenizerParts& parts = tokenizer.parts();
  // Added tokens are in the vocabulary as well, as readers number those that are not anew.
  const std::vector<std::string> spellings = spellings_of(parts);
  return json_text({{"version", "1.0"},
                    {"truncation", nullptr},
                    {"padding", nullptr},
                    {"added_tokens", added_tokens_json(parts)},
                    {"normalizer", normalizer_json(parts)},
                    {"pre_tokenizer", pre_tokenizer_json(parts)},
                    {"post_processor", post_processor_json(parts, spellings)},
                    {"decoder", decoder_json(parts)},
                    {"model", model_json(tokenizer, spellings)}});
}

Status write_tokenizer_json(const Tokenizer& tokenizer, const std::filesystem::path& path) {
  return write_file_atomically(path, as_bytes(render_tokenizer_json(tokenizer)));
}

}  // namespace hippocrypt::model
