#include "model/tokenizer/tokenizer.hpp"

#include "base/check.hpp"
#include "model/tokenizer/encoder.hpp"
#include "model/tokenizer/score_merges.hpp"
#include "model/tokenizer/tokenizer_tables.hpp"

namespace hippocrypt::model {

/// Finds what divides a text: added tokens, and special ones where they count.
class Tokenizer::Stretches {
 public:
  Stretches(const Tables& tables, std::string_view text, EncodeOptions options)
      : tables_{tables},
        tokens_{options.parse_special ? tables.added_or_special : tables.added},
        text_{text},
        plain_{options.plain_ranges} {}

  /// From `start` on, which never goes back.
  AddedTokens::Found next_token(std::size_t start) {
    AddedTokens::Found found = tokens_.find(text_, start);
    while (found.size > 0 && tables_.is_special[found.id] && is_plain(found)) {
      found = tokens_.find(text_, found.at + 1);
    }
    return found;
  }

 private:
  bool is_plain(const AddedTokens::Found& found) {
    while (!plain_.empty() && plain_.front().end <= found.at) plain_ = plain_.subspan(1);
    return !plain_.empty() && plain_.front().begin < found.at + found.size;
  }

  const Tables& tables_;
  const AddedTokens& tokens_;
  std::string_view text_;
  std::span<const ByteRange> plain_;  ///< those that are not behind us
};

Result<Tokenizer> Tokenizer::create(TokenizerParts parts) {
  HIPPOCRYPT_TRY(auto tables, Tables::create(std::move(parts)));
  return Tokenizer{std::move(tables)};
}

const TokenizerParts& Tokenizer::parts() const { return tables_->parts; }

Result<std::vector<TokenId>> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  if (text.size() > max_text_bytes) {
    return Error{Errc::limit_exceeded, "tokenizer: a text of " + std::to_string(text.size()) +
                                           " bytes; at most " + std::to_string(max_text_bytes)};
  }
  Encoder encoder{*tables_, text.size()};
  if (options.add_special) encoder.append(parts().prefix);
  Stretches stretches{*tables_, text, options};
  for (std::size_t at = 0; at < text.size();) {
    const AddedTokens::Found found = stretches.next_token(at);
    HIPPOCRYPT_TRY_VOID(encoder.append_stretch(text.substr(at, found.at - at), at == 0));
    if (found.size > 0) encoder.append({&found.id, 1});
    at = found.at + found.size;
  }
  if (options.add_special) encoder.append(parts().suffix);
  return std::move(encoder).take();
}

Result<std::string> Tokenizer::decode(std::span<const TokenId> ids, DecodeOptions options) const {
  std::string out;
  for (const TokenId id : ids) {
    if (id >= vocab_size()) {
      return Error{Errc::out_of_range, "the token id " + std::to_string(id) +
                                           " is outside the vocabulary of " +
                                           std::to_string(vocab_size())};
    }
    out += parts().tokens[id];
    if (options.keep_special && is_special(id)) out += tables_->special_name(id);
  }
  const bool has_prefix = parts().kind == TokenizerKind::sentencepiece &&
                          parts().dummy_prefix != DummyPrefix::none && !options.continues;
  if (has_prefix && out.starts_with(' ')) out.erase(0, 1);
  return out;
}

std::optional<TokenId> Tokenizer::special(std::string_view content) const {
  for (const TokenizerParts::Special& special : parts().specials) {
    if (special.content == content) return special.id;
  }
  return {};
}

bool Tokenizer::is_special(TokenId id) const {
  return id < vocab_size() && tables_->is_special[id];
}

std::vector<TokenPair> Tokenizer::merges_in_order() const {
  if (parts().scores.empty()) return parts().merges;
  const auto ranked = merges_by_score(parts().tokens, tables_->index, parts().scores);
  HIPPOCRYPT_CHECK(ranked.has_value(), "create has made them before");
  std::vector<TokenPair> out;
  for (const ScoredMerge& merge : ranked.value()) out.push_back(merge.pair);
  return out;
}

std::vector<std::uint8_t> Tokenizer::missing_bytes() const {
  std::vector<std::uint8_t> out;
  for (std::size_t byte = 0; byte < tables_->id_of_byte.size(); ++byte) {
    if (tables_->id_of_byte[byte] == Tables::no_token) {
      out.push_back(static_cast<std::uint8_t>(byte));
    }
  }
  return out;
}

}  // namespace hippocrypt::model
