#include "model/tokenizer/tokenizer.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/bytes.hpp"
#include "model/tokenizer/byte_alphabet.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

Error malformed(const std::string& what) { return Error{Errc::malformed, "tokenizer: " + what}; }

Error too_large(const std::string& what, std::size_t limit) {
  return Error{Errc::limit_exceeded, "tokenizer: " + what + "; at most " + std::to_string(limit)};
}

}  // namespace

Result<Tokenizer> Tokenizer::create(TokenizerParts parts) {
  if (parts.tokens.size() > max_vocab_size) {
    return too_large(std::to_string(parts.tokens.size()) + " tokens", max_vocab_size);
  }
  if (parts.merges.size() > max_merges) {
    return too_large(std::to_string(parts.merges.size()) + " merges", max_merges);
  }
  Tokenizer out{std::move(parts)};
  HIPPOCRYPT_TRY_VOID(out.index_specials());
  HIPPOCRYPT_TRY(const IdOfToken id_of_token, out.index_tokens());
  HIPPOCRYPT_TRY_VOID(out.check_name_space(id_of_token));
  HIPPOCRYPT_TRY_VOID(out.index_merges(id_of_token));
  return out;
}

Status Tokenizer::index_specials() {
  is_special_.assign(vocab_size(), false);
  std::unordered_set<std::string_view> names;
  for (const TokenizerParts::Special& special : parts_.specials) {
    if (special.id >= vocab_size()) {
      return malformed("the special token " + special.content + " has the id " +
                       std::to_string(special.id) + " outside the vocabulary");
    }
    if (special.content.empty() || valid_utf8_prefix(special.content) != special.content.size()) {
      return malformed("a special token's name is empty or not UTF-8");
    }
    if (special.content.size() > max_token_bytes) {
      return too_large("a special token of " + std::to_string(special.content.size()) + " bytes",
                       max_token_bytes);
    }
    if (is_special_[special.id] || !names.insert(special.content).second) {
      return malformed("the special token " + special.content + " or its id comes twice");
    }
    if (!parts_.tokens[special.id].empty()) {
      return malformed("the id of the special token " + special.content + " also has text");
    }
    is_special_[special.id] = true;
  }
  return {};
}

Result<Tokenizer::IdOfToken> Tokenizer::index_tokens() {
  IdOfToken id_of_token;
  id_of_token.reserve(vocab_size());
  for (std::size_t id = 0; id < vocab_size(); ++id) {
    const std::string& token = parts_.tokens[id];
    if (is_special_[id]) continue;
    if (token.empty()) return malformed("the id " + std::to_string(id) + " has no token");
    if (token.size() > max_token_bytes) {
      return too_large("a token of " + std::to_string(token.size()) + " bytes", max_token_bytes);
    }
    if (!id_of_token.emplace(token, static_cast<TokenId>(id)).second) {
      return malformed("the token " + spell_bytes(token) + " comes twice");
    }
  }
  for (std::size_t byte = 0; byte < id_of_byte_.size(); ++byte) {
    const char text = static_cast<char>(byte);
    const auto found = id_of_token.find(std::string_view{&text, 1});
    if (found == id_of_token.end()) {
      return malformed("there is no token for the byte value " + std::to_string(byte));
    }
    id_of_byte_[byte] = found->second;
  }
  return id_of_token;
}

Status Tokenizer::check_name_space(const IdOfToken& id_of_token) const {
  // Files give special tokens and text tokens one name space.
  for (const TokenizerParts::Special& special : parts_.specials) {
    const auto bytes = unspell_bytes(special.content);
    if (bytes && id_of_token.count(*bytes) != 0) {
      return malformed("the special token " + special.content + " is a token of text as well");
    }
  }
  return {};
}

Status Tokenizer::index_merges(const IdOfToken& id_of_token) {
  merges_.reserve(parts_.merges.size());
  for (std::size_t rank = 0; rank < parts_.merges.size(); ++rank) {
    const TokenPair pair = parts_.merges[rank];
    for (const TokenId part : {pair.first, pair.second}) {
      if (part >= vocab_size() || is_special_[part]) {
        return malformed("merge " + std::to_string(rank) + " has a part that is no token of text");
      }
    }
    const std::string joined = parts_.tokens[pair.first] + parts_.tokens[pair.second];
    const auto result = id_of_token.find(joined);
    if (result == id_of_token.end()) {
      return malformed("merge " + std::to_string(rank) + " gives " + spell_bytes(joined) +
                       ", which is no token");
    }
    if (!merges_.add(pair, static_cast<std::uint32_t>(rank), result->second)) {
      return malformed("merge " + std::to_string(rank) + " comes twice");
    }
  }
  return {};
}

Result<std::vector<TokenId>> Tokenizer::encode(std::string_view text) const {
  if (text.size() > max_text_bytes) {
    return too_large("a text of " + std::to_string(text.size()) + " bytes", max_text_bytes);
  }
  HIPPOCRYPT_TRY(const auto words, pretokenizer_.words(text));
  std::vector<TokenId> ids;
  ids.reserve(text.size() / 3);
  std::vector<TokenId> symbols;
  for (const std::string_view word : words) {
    symbols.clear();
    for (const char c : word) symbols.push_back(id_of_byte_[static_cast<std::uint8_t>(c)]);
    merges_.apply(symbols);
    ids.insert(ids.end(), symbols.begin(), symbols.end());
  }
  return ids;
}

Result<std::string> Tokenizer::decode(std::span<const TokenId> ids) const {
  std::string out;
  for (const TokenId id : ids) {
    if (id >= vocab_size()) {
      return Error{Errc::out_of_range, "the token id " + std::to_string(id) +
                                           " is outside the vocabulary of " +
                                           std::to_string(vocab_size())};
    }
    out += parts_.tokens[id];
  }
  return out;
}

std::optional<TokenId> Tokenizer::special(std::string_view content) const {
  for (const TokenizerParts::Special& special : parts_.specials) {
    if (special.content == content) return special.id;
  }
  return {};
}

bool Tokenizer::is_special(TokenId id) const { return id < vocab_size() && is_special_[id]; }

}  // namespace hippocrypt::model
