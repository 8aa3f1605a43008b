#include "model/tokenizer/tokenizer_tables.hpp"

#include <algorithm>
#include <unordered_set>

#include "model/tokenizer/byte_alphabet.hpp"
#include "model/tokenizer/piece_spelling.hpp"
#include "model/tokenizer/score_merges.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

Error malformed(const std::string& what) { return Error{Errc::malformed, "tokenizer: " + what}; }

Error too_large(const std::string& what, std::size_t limit) {
  return Error{Errc::limit_exceeded, "tokenizer: " + what + "; at most " + std::to_string(limit)};
}

/// How errors print a token: always UTF-8 and never long.
std::string printable(std::string_view token) {
  constexpr std::size_t most = 64;
  return "'" + spell_bytes(token.substr(0, most)) + (token.size() > most ? "…'" : "'");
}

Status check_name(const TokenizerParts::Special& token, std::size_t vocab_size) {
  if (token.content.size() > max_token_bytes) {
    return too_large("a special token of " + std::to_string(token.content.size()) + " bytes",
                     max_token_bytes);
  }
  if (token.content.empty() || valid_utf8_prefix(token.content) != token.content.size()) {
    return malformed("a special token's name is empty or not UTF-8");
  }
  if (token.id >= vocab_size) {
    return malformed("the special token " + token.content + " has the id " +
                     std::to_string(token.id) + " outside the vocabulary");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const Tokenizer::Tables>> Tokenizer::Tables::create(TokenizerParts parts) {
  auto tables = std::make_shared<Tables>();
  tables->parts = std::move(parts);
  HIPPOCRYPT_TRY_VOID(tables->check_sizes());
  HIPPOCRYPT_TRY_VOID(tables->index_specials());
  HIPPOCRYPT_TRY_VOID(tables->index_text());
  HIPPOCRYPT_TRY_VOID(tables->index_bytes());
  HIPPOCRYPT_TRY_VOID(tables->check_names());
  if (tables->parts.scores.empty()) {
    HIPPOCRYPT_TRY_VOID(tables->index_merges());
  } else {
    HIPPOCRYPT_TRY_VOID(tables->derive_merges());
  }
  tables->note_what_stands_alone();
  if (tables->parts.kind == TokenizerKind::byte_level) {
    tables->pretokenizer.emplace(tables->parts.split);
  }
  tables->added = AddedTokens{tables->parts.added};
  std::vector<TokenizerParts::Special> all = tables->parts.specials;
  all.insert(all.end(), tables->parts.added.begin(), tables->parts.added.end());
  tables->added_or_special = AddedTokens{all};
  return std::shared_ptr<const Tables>{std::move(tables)};
}

std::string_view Tokenizer::Tables::special_name(TokenId id) const {
  const auto place =
      std::lower_bound(special_places.begin(), special_places.end(), std::pair{id, std::size_t{0}});
  if (place == special_places.end() || place->first != id) return {};
  return parts.specials[place->second].content;
}

bool Tokenizer::Tables::is_text(TokenId id) const {
  return id < parts.tokens.size() && !parts.tokens[id].empty();
}

Status Tokenizer::Tables::check_sizes() const {
  const std::size_t count = parts.tokens.size();
  if (count > max_vocab_size) return too_large(std::to_string(count) + " tokens", max_vocab_size);
  if (parts.merges.size() > max_merges) {
    return too_large(std::to_string(parts.merges.size()) + " merges", max_merges);
  }
  const std::size_t special_count = parts.specials.size() + parts.added.size();
  if (special_count > max_special_tokens) {
    return too_large(std::to_string(special_count) + " special tokens", max_special_tokens);
  }
  if (!parts.scores.empty() && parts.scores.size() != count) {
    return malformed(std::to_string(parts.scores.size()) + " scores of " + std::to_string(count) +
                     " tokens");
  }
  const auto check_id = [count](TokenId id) -> Status {
    if (id < count) return {};
    return malformed("the id " + std::to_string(id) + " is outside the vocabulary of " +
                     std::to_string(count));
  };
  for (const auto* ids : {&parts.prefix, &parts.suffix, &parts.unused}) {
    for (const TokenId id : *ids) HIPPOCRYPT_TRY_VOID(check_id(id));
  }
  for (const auto& id : {parts.bos, parts.eos, parts.unknown, parts.padding}) {
    if (id) HIPPOCRYPT_TRY_VOID(check_id(*id));
  }
  return {};
}

Status Tokenizer::Tables::index_specials() {
  is_special.assign(parts.tokens.size(), false);
  std::unordered_set<std::string_view> names;
  std::unordered_set<TokenId> ids;
  const auto note = [&](const TokenizerParts::Special& token) -> Status {
    HIPPOCRYPT_TRY_VOID(check_name(token, parts.tokens.size()));
    if (names.insert(token.content).second && ids.insert(token.id).second) return {};
    return malformed("the special token " + token.content + " or its id comes twice");
  };
  for (std::size_t i = 0; i < parts.specials.size(); ++i) {
    const TokenizerParts::Special& special = parts.specials[i];
    HIPPOCRYPT_TRY_VOID(note(special));
    if (!parts.tokens[special.id].empty()) {
      return malformed("the id of the special token " + special.content + " also has text");
    }
    is_special[special.id] = true;
    special_places.emplace_back(special.id, i);
  }
  for (const TokenizerParts::Special& token : parts.added) {
    HIPPOCRYPT_TRY_VOID(note(token));
    if (parts.tokens[token.id] != token.content) {
      return malformed("the added token " + token.content + " has another text than its name");
    }
  }
  std::sort(special_places.begin(), special_places.end());
  return {};
}

Status Tokenizer::Tables::index_text() {
  // What may be without text, and what may have the same text as another token.
  std::vector<bool> is_empty = is_special, is_extra(parts.tokens.size(), false);
  for (const TokenId id : parts.unused) is_empty[id] = true;
  for (const TokenId id : parts.byte_fallback) {
    if (is_text(id)) is_extra[id] = true;
  }
  for (const auto& token : parts.added) is_extra[token.id] = true;
  index = TokenIndex{parts.tokens.size()};
  for (TokenId id = 0; id < parts.tokens.size(); ++id) {
    const std::string& token = parts.tokens[id];
    if (token.empty() != is_empty[id]) {
      return malformed("the id " + std::to_string(id) +
                       (token.empty() ? " has no token" : " is unused, but has text"));
    }
    if (token.size() > max_token_bytes) {
      return too_large("a token of " + std::to_string(token.size()) + " bytes", max_token_bytes);
    }
    if (token.empty() || is_extra[id]) continue;
    if (index.add(parts.tokens, id)) {
      return malformed("the token " + printable(token) + " comes twice");
    }
  }
  // Merges may lead to them too.
  for (const auto& token : parts.added) index.add(parts.tokens, token.id);
  return {};
}

Status Tokenizer::Tables::index_bytes() {
  const bool falls_back = parts.kind == TokenizerKind::sentencepiece;
  if (parts.byte_fallback.size() != (falls_back ? 256u : 0u)) {
    return malformed(std::to_string(parts.byte_fallback.size()) +
                     " tokens for byte values; SentencePiece has 256, byte-level BPE none");
  }
  for (std::size_t byte = 0; byte < id_of_byte.size(); ++byte) {
    const char text = static_cast<char>(byte);
    const std::string_view bytes{&text, 1};
    id_of_byte[byte] = falls_back ? parts.byte_fallback[byte] : find(bytes).value_or(no_token);
    const TokenId id = id_of_byte[byte];
    const bool is_needed = falls_back || (byte >= 0x20 && byte < 0x7F);
    if (is_needed && (!is_text(id) || parts.tokens[id] != bytes)) {
      return malformed("there is no token for the byte value " + std::to_string(byte));
    }
  }
  if (!falls_back) return {};
  space = find(" ").value_or(no_token);
  if (space == no_token) return malformed("there is no token for a space");
  for (std::size_t c = 0; c < id_of_ascii.size(); ++c) {
    const char text = static_cast<char>(c);
    id_of_ascii[c] = find({&text, 1}).value_or(id_of_byte[c]);
  }
  for (const std::string& token : parts.tokens) {
    for (std::size_t i = 1; i < token.size(); ++i) {
      if (token[i] == ' ' && token[i - 1] != ' ') spaces_divide = false;
    }
  }
  return {};
}

Status Tokenizer::Tables::check_names() const {
  // Files give special tokens and text tokens one name space.
  for (const TokenizerParts::Special& special : parts.specials) {
    const auto bytes = parts.kind == TokenizerKind::byte_level ? unspell_bytes(special.content)
                                                               : std::optional{special.content};
    if (bytes && find(*bytes)) {
      return malformed("the special token " + special.content + " is a token of text as well");
    }
  }
  return {};
}

Status Tokenizer::Tables::index_merges() {
  merges = MergeTable{parts.merges.size()};
  for (std::size_t rank = 0; rank < parts.merges.size(); ++rank) {
    const TokenPair pair = parts.merges[rank];
    if (!is_text(pair.first) || !is_text(pair.second)) {
      return malformed("merge " + std::to_string(rank) + " has a part that is no token of text");
    }
    const std::string joined = parts.tokens[pair.first] + parts.tokens[pair.second];
    const auto result = find(joined);
    if (!result) {
      return malformed("merge " + std::to_string(rank) + " gives " + printable(joined) +
                       ", which is no token");
    }
    if (!merges.add(pair, static_cast<std::uint32_t>(rank), *result)) {
      return malformed("merge " + std::to_string(rank) + " comes twice");
    }
  }
  return {};
}

void Tokenizer::Tables::push_symbols(std::string_view word, std::vector<TokenId>& symbols) const {
  if (parts.kind == TokenizerKind::byte_level) {
    for (const char c : word) {
      const TokenId id = id_of_byte[static_cast<std::uint8_t>(c)];
      if (id != no_token) symbols.push_back(id);
    }
    return;
  }
  for (std::size_t at = 0; at < word.size();) {
    const auto first = static_cast<std::uint8_t>(word[at]);
    if (first < id_of_ascii.size()) {
      symbols.push_back(id_of_ascii[first]);
      ++at;
      continue;
    }
    const std::size_t size = std::max<std::size_t>(utf8_sequence_size(word.substr(at)), 1);
    const std::string_view character = word.substr(at, size);
    at += size;
    if (character == visible_space) {
      symbols.push_back(space);
    } else if (const auto id = find(character)) {
      symbols.push_back(*id);
    } else {
      for (const char c : character) symbols.push_back(id_of_byte[static_cast<std::uint8_t>(c)]);
    }
  }
}

void Tokenizer::Tables::note_what_stands_alone() {
  constexpr std::size_t longest = 32;  // longer words are rare
  stands_alone.assign(parts.tokens.size(), parts.ignore_merges);
  if (parts.ignore_merges) return;
  std::vector<TokenId> symbols;
  for (TokenId id = 0; id < parts.tokens.size(); ++id) {
    if (parts.tokens[id].size() > longest) continue;
    symbols.clear();
    push_symbols(parts.tokens[id], symbols);
    merges.apply(symbols);
    stands_alone[id] = symbols.size() == 1 && symbols.front() == id;
  }
}

Status Tokenizer::Tables::derive_merges() {
  if (!parts.merges.empty() || parts.kind != TokenizerKind::sentencepiece) {
    return malformed("scores beside merges; a vocabulary has either");
  }
  HIPPOCRYPT_TRY(const auto ranked, merges_by_score(parts.tokens, index, parts.scores));
  merges = MergeTable{ranked.size()};
  for (const ScoredMerge& merge : ranked) merges.add(merge.pair, merge.rank, merge.result);
  return {};
}

}  // namespace hippocrypt::model
