#pragma once
// Learns a byte-level BPE vocabulary from texts.

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::model {

/// Longer words (a base64 blob, say) are left out of training: they teach nothing and make each
/// merge slow.
inline constexpr std::size_t max_training_word_bytes = 256;

/// Ids: the special tokens in the order given, then the 256 byte values in the alphabet's order,
/// then one token a merge. Each merge joins the adjacent pair that is most frequent in the texts
/// (Sennrich et al. 2016, algorithm 1), of equally frequent ones that of the lowest ids, so that
/// the same texts in any order give the same tokenizer. Stops at `vocab_size` tokens, or sooner
/// when no pair comes twice. Errors: out_of_range (vocab_size less than the specials and bytes, or
/// more than max_vocab_size), malformed (specials that Tokenizer::create refuses), limit_exceeded
/// (a text longer than max_text_bytes).
Result<Tokenizer> train_bpe(std::span<const std::string_view> texts, std::size_t vocab_size,
                            std::span<const std::string> special_tokens);

}  // namespace hippocrypt::model
