#include "model/source/gguf_text.hpp"

#include <limits>
#include <string_view>

#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::model {
namespace {

Result<std::vector<std::string>> read_texts(const GgufMetadata& metadata, std::string_view key,
                                            std::size_t limit) {
  if (!metadata.has(key)) return std::vector<std::string>{};
  HIPPOCRYPT_TRY(const auto views, metadata.texts(key, limit));
  return std::vector<std::string>(views.begin(), views.end());
}

Result<std::vector<std::int32_t>> read_types(const GgufMetadata& metadata) {
  constexpr std::string_view key = "tokenizer.ggml.token_type";
  std::vector<std::int32_t> types;
  if (!metadata.has(key)) return types;
  HIPPOCRYPT_TRY(const auto values, metadata.integers(key, max_vocab_size));
  types.reserve(values.size());
  for (const std::int64_t value : values) {
    if (value < 0 || value > std::numeric_limits<std::int32_t>::max()) {
      return metadata.wrong(key, "a list of token types");
    }
    types.push_back(static_cast<std::int32_t>(value));
  }
  return types;
}

Result<std::optional<std::uint32_t>> read_id(const GgufMetadata& metadata, std::string_view key) {
  if (!metadata.has(key)) return std::optional<std::uint32_t>{};
  HIPPOCRYPT_TRY(const std::uint64_t id, metadata.unsigned_value(key));
  if (id > std::numeric_limits<std::uint32_t>::max()) return metadata.wrong(key, "a token id");
  return std::optional{static_cast<std::uint32_t>(id)};
}

Result<std::optional<bool>> read_flag(const GgufMetadata& metadata, std::string_view key) {
  if (!metadata.has(key)) return std::optional<bool>{};
  HIPPOCRYPT_TRY(const bool flag, metadata.flag_or(key, false));
  return std::optional{flag};
}

}  // namespace

Result<GgufVocabulary> read_gguf_vocabulary(const GgufFile& file) {
  const GgufMetadata& metadata = file.metadata();
  GgufVocabulary out;
  HIPPOCRYPT_TRY(out.model, metadata.text("tokenizer.ggml.model"));
  HIPPOCRYPT_TRY(out.pre, metadata.text_or("tokenizer.ggml.pre", ""));
  HIPPOCRYPT_TRY(out.tokens, read_texts(metadata, "tokenizer.ggml.tokens", max_vocab_size));
  HIPPOCRYPT_TRY(out.types, read_types(metadata));
  if (metadata.has("tokenizer.ggml.scores")) {
    HIPPOCRYPT_TRY(out.scores, metadata.floats("tokenizer.ggml.scores", max_vocab_size));
  }
  HIPPOCRYPT_TRY(out.merges, read_texts(metadata, "tokenizer.ggml.merges", max_merges));
  HIPPOCRYPT_TRY(out.bos, read_id(metadata, "tokenizer.ggml.bos_token_id"));
  HIPPOCRYPT_TRY(out.eos, read_id(metadata, "tokenizer.ggml.eos_token_id"));
  HIPPOCRYPT_TRY(out.unknown, read_id(metadata, "tokenizer.ggml.unknown_token_id"));
  HIPPOCRYPT_TRY(out.padding, read_id(metadata, "tokenizer.ggml.padding_token_id"));
  HIPPOCRYPT_TRY(out.add_bos, read_flag(metadata, "tokenizer.ggml.add_bos_token"));
  HIPPOCRYPT_TRY(out.add_eos, read_flag(metadata, "tokenizer.ggml.add_eos_token"));
  HIPPOCRYPT_TRY(out.add_space_prefix, read_flag(metadata, "tokenizer.ggml.add_space_prefix"));
  HIPPOCRYPT_TRY(out.chat_template, metadata.text_or("tokenizer.chat_template", ""));
  return out;
}

SpecialTokenIds special_tokens_of(const GgufVocabulary& vocabulary) {
  return {vocabulary.bos, vocabulary.eos};
}

}  // namespace hippocrypt::model
