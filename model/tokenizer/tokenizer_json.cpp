#include "model/tokenizer/tokenizer_json.hpp"

#include "base/file.hpp"
#include "model/files/json.hpp"
#include "model/tokenizer/byte_alphabet.hpp"
#include "model/tokenizer/piece_spelling.hpp"
#include "model/tokenizer/tokenizer_components.hpp"
#include "model/tokenizer/tokenizer_document.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

/// Sorts added_tokens into special ones and others.
Status read_added_tokens(const JsonObject& root, TokenizerParts& parts) {
  const Json* list = root.find("added_tokens");
  if (list == nullptr) return {};
  if (!list->is_array()) return root.wrong("added_tokens", "a list");
  for (const Json& item : *list) {
    HIPPOCRYPT_TRY(const JsonObject token,
                   JsonObject::of(item, root.source() + ": an item of added_tokens"));
    HIPPOCRYPT_TRY(const std::uint64_t id, token.unsigned_value("id"));
    if (id >= max_vocab_size) {
      return token.wrong("id", "an id below " + std::to_string(max_vocab_size));
    }
    HIPPOCRYPT_TRY(std::string content, token.text("content"));
    for (const char* flag : {"single_word", "lstrip", "rstrip"}) {
      HIPPOCRYPT_TRY(const bool is_set, token.flag_or(flag, false));
      if (is_set) {
        return unsupported_tokenizer(root.source(),
                                     std::string{flag} + " of the added token " + content);
      }
    }
    HIPPOCRYPT_TRY(const bool special, token.flag_or("special", false));
    (special ? parts.specials : parts.added)
        .push_back({static_cast<TokenId>(id), std::move(content)});
  }
  return {};
}

/// Everything but the vocabulary and the merges.
Status read_settings(const Json& rest, const std::string& source, TokenizerParts& parts) {
  HIPPOCRYPT_TRY(const JsonObject root, JsonObject::of(rest, source));
  HIPPOCRYPT_TRY_VOID(read_components(root, parts));
  HIPPOCRYPT_TRY_VOID(read_added_tokens(root, parts));
  HIPPOCRYPT_TRY(const JsonObject bpe, root.object("model"));
  HIPPOCRYPT_TRY_VOID(bpe.object("vocab"));
  HIPPOCRYPT_TRY(const Json* merges, bpe.require("merges"));
  if (!merges->is_array()) return bpe.wrong("merges", "a list");
  return {};
}

/// Takes an added token's own entry, if it has one, out of the vocabulary.
Status set_apart(TokenizerDocument& document, const TokenizerParts::Special& token,
                 const std::string& source) {
  const auto listed = document.find(token.content);
  if (listed && *listed != token.id) {
    return Error{Errc::malformed, source + ": " + token.content + " has two ids"};
  }
  if (token.id >= document.spellings.size()) document.spellings.resize(token.id + std::size_t{1});
  if (!listed && !document.spellings[token.id].empty()) {
    return Error{Errc::malformed,
                 source + ": the id of the added token " + token.content + " comes twice"};
  }
  return {};
}

/// Turns spellings into bytes. Whether every id has a token is for Tokenizer::create to find.
Status place_tokens(TokenizerDocument document, TokenizerParts& parts, const std::string& source) {
  for (const auto* tokens : {&parts.specials, &parts.added}) {
    for (const auto& token : *tokens) HIPPOCRYPT_TRY_VOID(set_apart(document, token, source));
  }
  for (const auto& token : parts.specials) document.spellings[token.id].clear();
  parts.tokens = std::move(document.spellings);
  std::vector<bool> is_added(parts.tokens.size(), false);
  for (const auto& token : parts.added) is_added[token.id] = true;
  if (parts.kind == TokenizerKind::sentencepiece) parts.byte_fallback.assign(256, UINT32_MAX);
  for (TokenId id = 0; id < parts.tokens.size(); ++id) {
    std::string& token = parts.tokens[id];
    if (is_added[id] || token.empty()) continue;
    if (parts.kind == TokenizerKind::sentencepiece) {
      const auto byte = byte_of_piece(token);
      if (byte) parts.byte_fallback[*byte] = id;
      token = byte ? std::string(1, static_cast<char>(*byte)) : unspell_spaces(token);
      continue;
    }
    auto bytes = unspell_bytes(token);
    if (!bytes) {
      const std::size_t size = valid_utf8_prefix(std::string_view{token}.substr(0, 64));
      return Error{Errc::malformed, source + ": the token '" + token.substr(0, size) +
                                        "' is not spelled in GPT-2's byte alphabet"};
    }
    token = std::move(*bytes);
  }
  for (const auto& token : parts.added) parts.tokens[token.id] = token.content;
  return {};
}

}  // namespace

Result<Tokenizer> parse_tokenizer_json(std::string_view text, const std::string& source) {
  if (text.size() > max_tokenizer_json_bytes) {
    return Error{Errc::limit_exceeded, source + ": " + std::to_string(text.size()) +
                                           " bytes; at most " +
                                           std::to_string(max_tokenizer_json_bytes)};
  }
  HIPPOCRYPT_TRY(TokenizerDocument document, parse_tokenizer_document(text, source));
  TokenizerParts parts;
  HIPPOCRYPT_TRY_VOID(read_settings(document.rest, source, parts));
  parts.merges = std::move(document.merges);
  HIPPOCRYPT_TRY_VOID(place_tokens(std::move(document), parts, source));
  auto made = Tokenizer::create(std::move(parts));
  if (!made.has_value()) return Error{made.error().code, source + ": " + made.error().detail};
  return made;
}

Result<Tokenizer> read_tokenizer_json(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, max_tokenizer_json_bytes));
  return parse_tokenizer_json(text, path.string());
}

}  // namespace hippocrypt::model
