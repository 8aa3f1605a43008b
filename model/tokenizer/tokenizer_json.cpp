#include "model/tokenizer/tokenizer_json.hpp"

#include <map>

#include "base/file.hpp"
#include "model/files/json.hpp"
#include "model/tokenizer/byte_alphabet.hpp"

namespace hippocrypt::model {
namespace {

/// Ids by spelling, as "vocab" gives them.
using Vocab = std::map<std::string, TokenId>;

Error unsupported(const JsonObject& where, const std::string& what) {
  return Error{Errc::unsupported, where.source() + ": " + what +
                                      " is not supported; use a byte-level BPE tokenizer " +
                                      "with GPT-2's pattern"};
}

/// The object `key` of kind `wanted`, by its "type".
Result<JsonObject> component(const JsonObject& root, const std::string& key,
                             const std::string& wanted) {
  if (root.find(key) == nullptr) return unsupported(root, "a tokenizer without a " + key);
  HIPPOCRYPT_TRY(const JsonObject object, root.object(key));
  HIPPOCRYPT_TRY(const std::string type, object.text("type"));
  if (type != wanted) return unsupported(root, "the " + key + " " + type);
  return object;
}

/// Refuses whatever would make encode or decode do something else than what they do.
Status check_components(const JsonObject& root) {
  if (root.find("normalizer") != nullptr) {
    HIPPOCRYPT_TRY(const JsonObject object, root.object("normalizer"));
    HIPPOCRYPT_TRY(const std::string type, object.text("type"));
    return unsupported(root, "the normalizer " + type);
  }
  HIPPOCRYPT_TRY(const JsonObject split, component(root, "pre_tokenizer", "ByteLevel"));
  HIPPOCRYPT_TRY(const bool prefix_space, split.flag_or("add_prefix_space", true));
  HIPPOCRYPT_TRY(const bool use_regex, split.flag_or("use_regex", true));
  if (prefix_space) return unsupported(split, "add_prefix_space");
  if (!use_regex) return unsupported(split, "use_regex false");
  HIPPOCRYPT_TRY_VOID(component(root, "decoder", "ByteLevel"));
  // A ByteLevel post-processor changes offsets only; others add tokens.
  if (root.find("post_processor") != nullptr) {
    HIPPOCRYPT_TRY_VOID(component(root, "post_processor", "ByteLevel"));
  }
  return {};
}

Status check_bpe(const JsonObject& bpe) {
  const Json* dropout = bpe.find("dropout");
  if (dropout != nullptr && *dropout != 0.0) return unsupported(bpe, "dropout");
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    HIPPOCRYPT_TRY(const std::string affix, bpe.text_or(key, ""));
    if (!affix.empty()) return unsupported(bpe, key);
  }
  for (const char* key : {"byte_fallback", "ignore_merges"}) {
    HIPPOCRYPT_TRY(const bool set, bpe.flag_or(key, false));
    if (set) return unsupported(bpe, key);
  }
  return {};
}

Result<Vocab> read_vocab(const JsonObject& bpe) {
  HIPPOCRYPT_TRY(const JsonObject object, bpe.object("vocab"));
  if (object.json().size() > max_vocab_size) {
    return Error{Errc::limit_exceeded, object.source() + ": " +
                                           std::to_string(object.json().size()) +
                                           " tokens; at most " + std::to_string(max_vocab_size)};
  }
  Vocab vocab;
  for (const auto& [spelling, id] : object.json().items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= max_vocab_size) {
      return object.wrong(spelling, "an id below " + std::to_string(max_vocab_size));
    }
    vocab.emplace(spelling, id.get<TokenId>());
  }
  return vocab;
}

Result<std::vector<TokenizerParts::Special>> read_specials(const JsonObject& root) {
  std::vector<TokenizerParts::Special> specials;
  const Json* list = root.find("added_tokens");
  if (list == nullptr) return specials;
  if (!list->is_array()) return root.wrong("added_tokens", "a list");
  for (const Json& item : *list) {
    HIPPOCRYPT_TRY(const JsonObject token,
                   JsonObject::of(item, root.source() + ": an item of added_tokens"));
    HIPPOCRYPT_TRY(const std::uint64_t id, token.unsigned_value("id"));
    if (id >= max_vocab_size) {
      return token.wrong("id", "an id below " + std::to_string(max_vocab_size));
    }
    HIPPOCRYPT_TRY(std::string content, token.text("content"));
    HIPPOCRYPT_TRY(const bool special, token.flag_or("special", false));
    // Such tokens are found in plain text, which ours never are.
    if (!special) return unsupported(root, "the added token " + content + ", not special,");
    specials.push_back({static_cast<TokenId>(id), std::move(content)});
  }
  return specials;
}

/// The token bytes by id, from the vocabulary without the special tokens. Whether every id is
/// there is for Tokenizer::create to find.
Result<std::vector<std::string>> place_tokens(Vocab vocab,
                                              std::span<const TokenizerParts::Special> specials,
                                              const std::string& source) {
  std::size_t size = 0;
  for (const auto& special : specials) {
    const auto listed = vocab.find(special.content);
    if (listed != vocab.end()) {
      if (listed->second != special.id) {
        return Error{Errc::malformed, source + ": " + special.content + " has two ids"};
      }
      vocab.erase(listed);
    }
    size = std::max(size, std::size_t{special.id} + 1);
  }
  for (const auto& [spelling, id] : vocab) size = std::max(size, std::size_t{id} + 1);
  std::vector<std::string> tokens(size);
  for (const auto& [spelling, id] : vocab) {
    auto bytes = unspell_bytes(spelling);
    if (!bytes || bytes->empty()) {
      return Error{Errc::malformed, source + ": the token '" + spelling +
                                        "' is not spelled in GPT-2's byte alphabet"};
    }
    if (!tokens[id].empty()) {
      return Error{Errc::malformed, source + ": the id " + std::to_string(id) + " comes twice"};
    }
    tokens[id] = std::move(*bytes);
  }
  return tokens;
}

/// The spellings of both parts of a merge, in either of the two forms.
std::optional<std::pair<std::string, std::string>> merge_spellings(const Json& merge) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return std::pair{merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  if (!merge.is_string()) return {};
  const auto& text = merge.get_ref<const std::string&>();
  const std::size_t space = text.find(' ');
  if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) return {};
  return std::pair{text.substr(0, space), text.substr(space + 1)};
}

Result<std::vector<TokenPair>> read_merges(const JsonObject& bpe, const Vocab& vocab) {
  HIPPOCRYPT_TRY(const Json* list, bpe.require("merges"));
  if (!list->is_array()) return bpe.wrong("merges", "a list");
  std::vector<TokenPair> merges;
  merges.reserve(list->size());
  for (const Json& item : *list) {
    const auto parts = merge_spellings(item);
    if (!parts) return bpe.wrong("merges", "a list of \"a b\" or [\"a\", \"b\"]");
    const auto left = vocab.find(parts->first), right = vocab.find(parts->second);
    if (left == vocab.end() || right == vocab.end()) {
      const std::string& unknown = left == vocab.end() ? parts->first : parts->second;
      return Error{Errc::malformed, bpe.source() + ": merge " + std::to_string(merges.size()) +
                                        " has the unknown part '" + unknown + "'"};
    }
    merges.emplace_back(left->second, right->second);
  }
  return merges;
}

Json byte_level_json() {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", true},
          {"use_regex", true}};
}

}  // namespace

Result<Tokenizer> parse_tokenizer_json(std::string_view text, const std::string& source) {
  if (text.size() > max_tokenizer_json_bytes) {
    return Error{Errc::limit_exceeded, source + ": " + std::to_string(text.size()) +
                                           " bytes; at most " +
                                           std::to_string(max_tokenizer_json_bytes)};
  }
  HIPPOCRYPT_TRY(const Json json, parse_json(text, source));
  HIPPOCRYPT_TRY(const JsonObject root, JsonObject::of(json, source));
  HIPPOCRYPT_TRY(const JsonObject bpe, component(root, "model", "BPE"));
  HIPPOCRYPT_TRY_VOID(check_components(root));
  HIPPOCRYPT_TRY_VOID(check_bpe(bpe));
  HIPPOCRYPT_TRY(Vocab vocab, read_vocab(bpe));
  TokenizerParts parts;
  HIPPOCRYPT_TRY(parts.specials, read_specials(root));
  HIPPOCRYPT_TRY(parts.merges, read_merges(bpe, vocab));
  HIPPOCRYPT_TRY(parts.tokens, place_tokens(std::move(vocab), parts.specials, source));
  auto made = Tokenizer::create(std::move(parts));
  if (!made.has_value()) return Error{made.error().code, source + ": " + made.error().detail};
  return made;
}

Result<Tokenizer> read_tokenizer_json(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, max_tokenizer_json_bytes));
  return parse_tokenizer_json(text, path.string());
}

std::string render_tokenizer_json(const Tokenizer& tokenizer) {
  const TokenizerParts& parts = tokenizer.parts();
  std::vector<std::string> spellings;
  for (const std::string& token : parts.tokens) spellings.push_back(spell_bytes(token));
  Json added = Json::array();
  // In the vocabulary as well, as readers number added tokens that are not in it anew.
  for (const TokenizerParts::Special& special : parts.specials) {
    spellings[special.id] = special.content;
    added.push_back({{"id", special.id},
                     {"content", special.content},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  Json merges = Json::array();
  for (const TokenPair& pair : parts.merges) {
    merges.push_back(spellings[pair.first] + " " + spellings[pair.second]);
  }
  Json vocab = Json::object();
  for (std::size_t id = 0; id < spellings.size(); ++id) vocab[spellings[id]] = id;
  return json_text({{"version", "1.0"},
                    {"truncation", nullptr},
                    {"padding", nullptr},
                    {"added_tokens", std::move(added)},
                    {"normalizer", nullptr},
                    {"pre_tokenizer", byte_level_json()},
                    {"post_processor", nullptr},
                    {"decoder", byte_level_json()},
                    {"model",
                     {{"type", "BPE"},
                      {"dropout", nullptr},
                      {"unk_token", nullptr},
                      {"continuing_subword_prefix", nullptr},
                      {"end_of_word_suffix", nullptr},
                      {"fuse_unk", false},
                      {"byte_fallback", false},
                      {"ignore_merges", false},
                      {"vocab", std::move(vocab)},
                      {"merges", std::move(merges)}}}});
}

Status write_tokenizer_json(const Tokenizer& tokenizer, const std::filesystem::path& path) {
  return write_file_atomically(path, as_bytes(render_tokenizer_json(tokenizer)));
}

}  // namespace hippocrypt::model
