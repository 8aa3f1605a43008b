#include "model/tokenizer/tokenizer_gguf.hpp"

#include <utility>

#include "model/tokenizer/byte_alphabet.hpp"
#include "model/tokenizer/piece_spelling.hpp"
#include "model/tokenizer/token_index.hpp"
#include "model/tokenizer/tokenizer_components.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

/// tokenizer.ggml.token_type
enum class PieceType : std::int32_t {
  normal = 1,
  unknown = 2,
  control = 3,
  user_defined = 4,
  unused = 5,
  byte = 6,
};

Error malformed(const std::string& what) { return Error{Errc::malformed, what}; }

/// What a pre-tokenizer's name stands for. The names are those of llama.cpp's converter.
Status set_split(const std::string& pre, TokenizerParts& parts) {
  if (pre == "gpt-2" || pre == "gpt2") {
    parts.split = SplitPattern::gpt2;
  } else if (pre == "llama-bpe" || pre == "llama3" || pre == "llama-v3") {
    parts.split = SplitPattern::llama3;
    parts.ignore_merges = true;
  } else if (pre == "qwen2" || pre == "deepseek-r1-qwen") {
    parts.split = SplitPattern::qwen2;
    parts.normalize_nfc = true;
  } else if (pre == "smollm") {
    parts.split = SplitPattern::smollm;
  } else {
    return unsupported_tokenizer("tokenizer.ggml.pre",
                                 pre.empty() ? "a byte-level vocabulary without a pre-tokenizer"
                                             : "the pre-tokenizer " + pre);
  }
  return {};
}

Status set_kind(const GgufVocabulary& vocabulary, TokenizerParts& parts) {
  if (vocabulary.model == "gpt2") return set_split(vocabulary.pre, parts);
  if (vocabulary.model != "llama") {
    return unsupported_tokenizer("tokenizer.ggml.model", "the tokenizer " + vocabulary.model);
  }
  parts.kind = TokenizerKind::sentencepiece;
  parts.dummy_prefix =
      vocabulary.add_space_prefix.value_or(true) ? DummyPrefix::every_stretch : DummyPrefix::none;
  return {};
}

Status check_lengths(const GgufVocabulary& vocabulary) {
  const std::size_t count = vocabulary.tokens.size();
  if (count > max_vocab_size || vocabulary.merges.size() > max_merges) {
    return Error{Errc::limit_exceeded, std::to_string(count) + " tokens and " +
                                           std::to_string(vocabulary.merges.size()) +
                                           " merges; at most " + std::to_string(max_vocab_size) +
                                           " and " + std::to_string(max_merges)};
  }
  for (const std::size_t size : {vocabulary.types.size(), vocabulary.scores.size()}) {
    if (size == 0 || size == count) continue;
    return malformed("types or scores of " + std::to_string(size) + " tokens beside " +
                     std::to_string(count) + " tokens");
  }
  return {};
}

Result<std::vector<TokenPair>> read_merges(const GgufVocabulary& vocabulary) {
  TokenIndex index{vocabulary.tokens.size()};
  for (TokenId id = 0; id < vocabulary.tokens.size(); ++id) index.add(vocabulary.tokens, id);
  std::vector<TokenPair> merges;
  merges.reserve(vocabulary.merges.size());
  for (const std::string_view merge : vocabulary.merges) {
    const std::size_t space = merge.find(' ');
    const auto left = index.find(vocabulary.tokens, merge.substr(0, space));
    const auto right =
        space == merge.npos ? std::nullopt : index.find(vocabulary.tokens, merge.substr(space + 1));
    if (!left || !right) {
      return malformed("merge " + std::to_string(merges.size()) + " is not two tokens");
    }
    merges.emplace_back(*left, *right);
  }
  return merges;
}

/// Makes bytes of a normal token's spelling.
Status unspell(std::string& token, TokenizerKind kind, std::size_t id) {
  if (kind == TokenizerKind::sentencepiece) {
    token = unspell_spaces(token);
    return {};
  }
  auto bytes = unspell_bytes(token);
  if (!bytes) {
    return malformed("the token " + std::to_string(id) +
                     " is not spelled in GPT-2's byte alphabet");
  }
  token = std::move(*bytes);
  return {};
}

Status set_token(TokenId id, std::string& token, PieceType type, TokenizerParts& parts) {
  switch (type) {
    case PieceType::normal:
      return unspell(token, parts.kind, id);
    case PieceType::unknown:
    case PieceType::control:
      parts.specials.push_back({id, std::exchange(token, {})});
      return {};
    case PieceType::user_defined:
      if (parts.kind == TokenizerKind::sentencepiece) token = unspell_spaces(token);
      parts.added.push_back({id, token});
      return {};
    case PieceType::unused:
      token.clear();
      parts.unused.push_back(id);
      return {};
    case PieceType::byte: {
      const auto byte = byte_of_piece(token);
      if (!byte || parts.byte_fallback.empty()) break;
      parts.byte_fallback[*byte] = id;
      token.assign(1, static_cast<char>(*byte));
      return {};
    }
  }
  return malformed("the token " + std::to_string(id) + " has the type " +
                   std::to_string(static_cast<std::int32_t>(type)) + ", which it cannot have");
}

Status set_tokens(GgufVocabulary& vocabulary, TokenizerParts& parts) {
  if (parts.kind == TokenizerKind::sentencepiece) parts.byte_fallback.assign(256, UINT32_MAX);
  std::size_t special_count = 0;
  for (TokenId id = 0; id < vocabulary.tokens.size(); ++id) {
    const auto type =
        vocabulary.types.empty() ? PieceType::normal : PieceType{vocabulary.types[id]};
    const bool is_whole = type != PieceType::normal && type != PieceType::byte;
    if (is_whole && ++special_count > max_special_tokens && type != PieceType::unused) {
      return Error{Errc::limit_exceeded,
                   "more than " + std::to_string(max_special_tokens) + " special tokens"};
    }
    HIPPOCRYPT_TRY_VOID(set_token(id, vocabulary.tokens[id], type, parts));
  }
  parts.tokens = std::move(vocabulary.tokens);
  return {};
}

/// BOS and EOS round a text.
Status set_template(const GgufVocabulary& vocabulary, TokenizerParts& parts) {
  const bool is_llama3 = parts.kind == TokenizerKind::byte_level && parts.ignore_merges;
  const bool is_sentencepiece = parts.kind == TokenizerKind::sentencepiece;
  if (is_sentencepiece && !parts.bos) parts.bos = TokenId{1};
  if (is_sentencepiece && !parts.eos) parts.eos = TokenId{2};
  if (vocabulary.add_bos.value_or(is_llama3 || is_sentencepiece)) {
    if (!parts.bos) return malformed("BOS is to be added, but no token is it");
    parts.prefix.push_back(*parts.bos);
  }
  if (vocabulary.add_eos.value_or(false)) {
    if (!parts.eos) return malformed("EOS is to be added, but no token is it");
    parts.suffix.push_back(*parts.eos);
  }
  return {};
}

Result<TokenizerParts> read_parts(GgufVocabulary vocabulary) {
  TokenizerParts parts;
  HIPPOCRYPT_TRY_VOID(set_kind(vocabulary, parts));
  HIPPOCRYPT_TRY_VOID(check_lengths(vocabulary));
  if (parts.kind == TokenizerKind::byte_level) {
    HIPPOCRYPT_TRY(parts.merges, read_merges(vocabulary));
  } else if (vocabulary.scores.empty()) {
    return malformed("a SentencePiece vocabulary without scores");
  } else {
    parts.scores = std::move(vocabulary.scores);
  }
  vocabulary.merges = {};
  HIPPOCRYPT_TRY_VOID(set_tokens(vocabulary, parts));
  parts.bos = vocabulary.bos;
  parts.eos = vocabulary.eos;
  parts.unknown = vocabulary.unknown;
  parts.padding = vocabulary.padding;
  HIPPOCRYPT_TRY_VOID(set_template(vocabulary, parts));
  parts.chat_template = std::move(vocabulary.chat_template);
  return parts;
}

}  // namespace

Result<Tokenizer> tokenizer_from_gguf(GgufVocabulary vocabulary, const std::string& source) {
  const auto with_source = [&source](const Error& error) {
    return Error{error.code, source + ": " + error.detail};
  };
  auto parts = read_parts(std::move(vocabulary));
  if (!parts) return with_source(parts.error());
  auto made = Tokenizer::create(std::move(parts).value());
  if (!made) return with_source(made.error());
  return made;
}

}  // namespace hippocrypt::model
