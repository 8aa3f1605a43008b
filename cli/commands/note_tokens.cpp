#include "cli/commands/note_tokens.hpp"

namespace hippocrypt::cli {
namespace {

std::optional<model::TokenId> first_of(std::optional<model::TokenId> named,
                                       std::optional<model::TokenId> other) {
  return named ? named : other;
}

}  // namespace

Result<NoteTokens> note_tokens(const model::Tokenizer& tokenizer, const notes::Note& note) {
  const auto bos = first_of(tokenizer.bos(), tokenizer.special("<|bos|>"));
  const auto eos = first_of(tokenizer.eos(), tokenizer.special("<|eos|>"));
  HIPPOCRYPT_TRY(NoteTokens ids, tokenizer.encode(notes::whole_text(note)));
  if (bos) ids.insert(ids.begin(), *bos);
  if (eos) ids.push_back(*eos);
  return ids;
}

std::vector<std::uint32_t> special_ids(const model::Tokenizer& tokenizer) {
  std::vector<std::uint32_t> ids;
  for (std::uint32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    if (tokenizer.is_special(id)) ids.push_back(id);
  }
  return ids;
}

Result<std::vector<std::uint64_t>> token_frequencies(const model::Tokenizer& tokenizer,
                                                     std::span<const notes::Note> notes) {
  std::vector<std::uint64_t> frequencies(tokenizer.vocab_size());
  for (const auto& note : notes) {
    HIPPOCRYPT_TRY(const NoteTokens ids, note_tokens(tokenizer, note));
    for (const std::uint32_t id : ids) ++frequencies[id];
  }
  return frequencies;
}

}  // namespace hippocrypt::cli
