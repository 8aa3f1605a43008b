#include "model/tokenizer/tokenizer_components.hpp"

#include <utility>

#include "model/tokenizer/piece_spelling.hpp"

namespace hippocrypt::model {
namespace {

/// A component as the list of those it consists of: none for null, the members of a "Sequence".
Result<std::vector<JsonObject>> flatten(const JsonObject& root, const std::string& key,
                                        const std::string& members) {
  std::vector<JsonObject> out;
  if (root.find(key) == nullptr) return out;
  HIPPOCRYPT_TRY(const JsonObject whole, root.object(key));
  HIPPOCRYPT_TRY(const std::string type, whole.text("type"));
  if (type != "Sequence") {
    out.push_back(whole);
    return out;
  }
  HIPPOCRYPT_TRY(const Json* list, whole.require(members));
  if (!list->is_array()) return whole.wrong(members, "a list");
  for (const Json& item : *list) {
    HIPPOCRYPT_TRY(JsonObject member, JsonObject::of(item, whole.source() + ": " + members));
    HIPPOCRYPT_TRY_VOID(member.text("type"));
    out.push_back(std::move(member));
  }
  return out;
}

std::string type_of(const JsonObject& component) { return component.text_or("type", "").value(); }

/// "the normalizer NFKC"
Error unsupported(const JsonObject& root, const std::string& key, const JsonObject& component) {
  return unsupported_tokenizer(root.source(), "the " + key + " " + type_of(component));
}

/// The text that a "pattern" is, or nothing where it is a regular expression.
std::optional<std::string> plain_pattern(const JsonObject& component) {
  const Json* pattern = component.find("pattern");
  if (pattern == nullptr || !pattern->is_object()) return {};
  const auto text = pattern->find("String");
  if (text == pattern->end() || !text->is_string()) return {};
  return text->get<std::string>();
}

bool is_replacement(const JsonObject& component, std::string_view from, std::string_view to) {
  return type_of(component) == "Replace" && plain_pattern(component) == from &&
         component.text_or("content", "?").has_value() &&
         component.text_or("content", "?").value() == to;
}

Status check_model(const JsonObject& root, const JsonObject& bpe) {
  const Json* dropout = bpe.find("dropout");
  if (dropout != nullptr && *dropout != 0.0) {
    return unsupported_tokenizer(root.source(), "dropout");
  }
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    HIPPOCRYPT_TRY(const std::string affix, bpe.text_or(key, ""));
    if (!affix.empty()) return unsupported_tokenizer(root.source(), key);
  }
  return {};
}

Status check_byte_level(const JsonObject& component, bool uses_regex) {
  HIPPOCRYPT_TRY(const bool prefix_space, component.flag_or("add_prefix_space", true));
  HIPPOCRYPT_TRY(const bool use_regex, component.flag_or("use_regex", true));
  if (prefix_space) return unsupported_tokenizer(component.source(), "add_prefix_space");
  if (use_regex != uses_regex) {
    return unsupported_tokenizer(component.source(),
                                 std::string{"use_regex "} + (use_regex ? "true" : "false"));
  }
  return {};
}

/// A Split before ByteLevel: a regular expression that we know, every match a word.
Result<SplitPattern> read_split(const JsonObject& split) {
  HIPPOCRYPT_TRY(const JsonObject pattern, split.object("pattern"));
  HIPPOCRYPT_TRY(const std::string regex, pattern.text("Regex"));
  HIPPOCRYPT_TRY(const std::string behavior, split.text("behavior"));
  HIPPOCRYPT_TRY(const bool invert, split.flag_or("invert", false));
  // Either way of saying that the matches, which leave nothing between them, are the words.
  if (behavior != (invert ? "Removed" : "Isolated")) {
    return unsupported_tokenizer(split.source(), "a Split with the behavior " + behavior);
  }
  for (const auto known : {SplitPattern::gpt2, SplitPattern::llama3, SplitPattern::qwen2}) {
    if (regex == published_regex(known)) return known;
  }
  return unsupported_tokenizer(split.source(), "a Split by the expression " + regex);
}

Result<SplitPattern> read_pre_tokenizer(const JsonObject& root) {
  HIPPOCRYPT_TRY(const auto steps, flatten(root, "pre_tokenizer", "pretokenizers"));
  if (steps.empty())
    return unsupported_tokenizer(root.source(),
                                 "a byte-level BPE tokenizer "
                                 "without a pre_tokenizer");
  if (type_of(steps.back()) != "ByteLevel" || steps.size() > 2) {
    return unsupported(root, "pre_tokenizer", steps.back());
  }
  if (steps.size() == 1) {
    HIPPOCRYPT_TRY_VOID(check_byte_level(steps[0], true));
    return SplitPattern::gpt2;
  }
  if (type_of(steps[0]) == "Digits") {
    HIPPOCRYPT_TRY(const bool individual, steps[0].flag_or("individual_digits", false));
    if (!individual) return unsupported_tokenizer(steps[0].source(), "Digits not individual");
    HIPPOCRYPT_TRY_VOID(check_byte_level(steps[1], true));
    return SplitPattern::smollm;
  }
  if (type_of(steps[0]) != "Split") return unsupported(root, "pre_tokenizer", steps[0]);
  HIPPOCRYPT_TRY_VOID(check_byte_level(steps[1], false));
  return read_split(steps[0]);
}

Status read_byte_level(const JsonObject& root, TokenizerParts& parts) {
  HIPPOCRYPT_TRY(const auto normalizers, flatten(root, "normalizer", "normalizers"));
  for (const JsonObject& normalizer : normalizers) {
    if (type_of(normalizer) != "NFC") return unsupported(root, "normalizer", normalizer);
    parts.normalize_nfc = true;
  }
  HIPPOCRYPT_TRY(parts.split, read_pre_tokenizer(root));
  HIPPOCRYPT_TRY(const auto decoders, flatten(root, "decoder", "decoders"));
  if (decoders.empty())
    return unsupported_tokenizer(root.source(), "a tokenizer without a decoder");
  for (const JsonObject& decoder : decoders) {
    if (type_of(decoder) != "ByteLevel") return unsupported(root, "decoder", decoder);
  }
  return {};
}

Result<DummyPrefix> read_metaspace(const JsonObject& metaspace) {
  HIPPOCRYPT_TRY(const std::string replacement,
                 metaspace.text_or("replacement", std::string{visible_space}));
  HIPPOCRYPT_TRY(const bool splits, metaspace.flag_or("split", true));
  HIPPOCRYPT_TRY(const std::string scheme, metaspace.text_or("prepend_scheme", "always"));
  if (replacement != visible_space || splits) {
    return unsupported_tokenizer(metaspace.source(), "Metaspace that splits, or is not U+2581,");
  }
  if (scheme == "always") return DummyPrefix::every_stretch_without;
  if (scheme == "first") return DummyPrefix::start_without;
  if (scheme == "never") return DummyPrefix::none;
  return unsupported_tokenizer(metaspace.source(), "the prepend_scheme " + scheme);
}

Result<DummyPrefix> read_dummy_prefix(const JsonObject& root) {
  HIPPOCRYPT_TRY(const auto normalizers, flatten(root, "normalizer", "normalizers"));
  HIPPOCRYPT_TRY(const auto splits, flatten(root, "pre_tokenizer", "pretokenizers"));
  if (normalizers.empty()) {
    if (splits.size() == 1 && type_of(splits[0]) == "Metaspace") return read_metaspace(splits[0]);
    return unsupported_tokenizer(root.source(), "byte_fallback without Metaspace or a normalizer");
  }
  if (!splits.empty()) return unsupported(root, "pre_tokenizer", splits[0]);
  bool prepends = false, replaces = false;
  for (const JsonObject& normalizer : normalizers) {
    if (type_of(normalizer) == "Prepend" && !prepends && !replaces) {
      HIPPOCRYPT_TRY(const std::string text, normalizer.text("prepend"));
      if (text != visible_space) return unsupported(root, "normalizer", normalizer);
      prepends = true;
    } else if (is_replacement(normalizer, " ", visible_space)) {
      replaces = true;
    } else {
      return unsupported(root, "normalizer", normalizer);
    }
  }
  if (!replaces) return unsupported(root, "normalizer", normalizers.front());
  return prepends ? DummyPrefix::every_stretch : DummyPrefix::none;
}

Status check_sentencepiece_decoder(const JsonObject& root, bool has_prefix) {
  HIPPOCRYPT_TRY(const auto decoders, flatten(root, "decoder", "decoders"));
  bool strips = false;
  std::vector<std::string> kinds;
  for (const JsonObject& decoder : decoders) {
    kinds.push_back(type_of(decoder));
    if (kinds.back() == "Replace" && !is_replacement(decoder, visible_space, " ")) {
      return unsupported(root, "decoder", decoder);
    }
    if (kinds.back() != "Strip") continue;
    HIPPOCRYPT_TRY(const std::string what, decoder.text("content"));
    HIPPOCRYPT_TRY(const std::uint64_t start, decoder.unsigned_or("start", 0));
    HIPPOCRYPT_TRY(const std::uint64_t stop, decoder.unsigned_or("stop", 0));
    if (what != " " || start != 1 || stop != 0) return unsupported(root, "decoder", decoder);
    strips = true;
    kinds.pop_back();
  }
  if (kinds != std::vector<std::string>{"Replace", "ByteFallback", "Fuse"} ||
      strips != has_prefix) {
    return unsupported_tokenizer(root.source(),
                                 "a decoder other than Replace, ByteFallback, Fuse and, with a "
                                 "prefix, Strip");
  }
  return {};
}

/// The ids round "A" in a TemplateProcessing.
Status read_template(const JsonObject& processor, TokenizerParts& parts) {
  HIPPOCRYPT_TRY(const Json* single, processor.require("single"));
  if (!single->is_array()) return processor.wrong("single", "a list");
  HIPPOCRYPT_TRY(const JsonObject names, processor.object("special_tokens"));
  bool after_text = false;
  for (const Json& item : *single) {
    HIPPOCRYPT_TRY(const JsonObject piece, JsonObject::of(item, processor.source() + ": single"));
    if (piece.find("Sequence") != nullptr) {
      if (after_text) return unsupported_tokenizer(processor.source(), "a text twice");
      after_text = true;
      continue;
    }
    HIPPOCRYPT_TRY(const JsonObject special, piece.object("SpecialToken"));
    HIPPOCRYPT_TRY(const std::string name, special.text("id"));
    HIPPOCRYPT_TRY(const JsonObject token, names.object(name));
    HIPPOCRYPT_TRY(const Json* ids, token.require("ids"));
    if (!ids->is_array()) return token.wrong("ids", "a list");
    for (const Json& id : *ids) {
      if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= max_vocab_size) {
        return token.wrong("ids", "ids below " + std::to_string(max_vocab_size));
      }
      (after_text ? parts.suffix : parts.prefix).push_back(id.get<TokenId>());
    }
  }
  if (!after_text) return processor.wrong("single", "a list with a Sequence");
  return {};
}

}  // namespace

Error unsupported_tokenizer(const std::string& source, const std::string& what) {
  return Error{Errc::unsupported,
               source + ": " + what +
                   " is not supported; supported are byte-level BPE with the patterns of GPT-2, "
                   "Llama 3, Qwen2 and SmolLM, and SentencePiece BPE with byte fallback"};
}

Status read_components(const JsonObject& root, TokenizerParts& parts) {
  if (root.find("model") == nullptr) {
    return unsupported_tokenizer(root.source(), "a tokenizer without a model");
  }
  HIPPOCRYPT_TRY(const JsonObject bpe, root.object("model"));
  HIPPOCRYPT_TRY(const std::string type, bpe.text("type"));
  if (type != "BPE") return unsupported_tokenizer(root.source(), "the model " + type);
  HIPPOCRYPT_TRY_VOID(check_model(root, bpe));
  HIPPOCRYPT_TRY(const bool falls_back, bpe.flag_or("byte_fallback", false));
  HIPPOCRYPT_TRY(parts.ignore_merges, bpe.flag_or("ignore_merges", false));
  if (falls_back) {
    parts.kind = TokenizerKind::sentencepiece;
    if (parts.ignore_merges) {
      return unsupported_tokenizer(root.source(), "byte_fallback with ignore_merges");
    }
    HIPPOCRYPT_TRY(parts.dummy_prefix, read_dummy_prefix(root));
    HIPPOCRYPT_TRY_VOID(check_sentencepiece_decoder(root, parts.dummy_prefix != DummyPrefix::none));
  } else {
    HIPPOCRYPT_TRY_VOID(read_byte_level(root, parts));
  }
  HIPPOCRYPT_TRY(const auto processors, flatten(root, "post_processor", "processors"));
  for (const JsonObject& processor : processors) {
    // A ByteLevel post-processor changes offsets only.
    if (type_of(processor) == "ByteLevel") continue;
    if (type_of(processor) != "TemplateProcessing" || !parts.prefix.empty() ||
        !parts.suffix.empty()) {
      return unsupported(root, "post_processor", processor);
    }
    HIPPOCRYPT_TRY_VOID(read_template(processor, parts));
  }
  return {};
}

}  // namespace hippocrypt::model
