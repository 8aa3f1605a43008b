#pragma once
// The merges of a SentencePiece vocabulary that has scores in place of them.

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/tokenizer/token_index.hpp"

namespace hippocrypt::model {

struct ScoredMerge {
  TokenPair pair;
  std::uint32_t rank;  ///< the same for merges whose results have the same score
  TokenId result;
};

/// Every way to make a token out of two, those that make a token of higher score first. `index` has
/// the tokens that count; scores are by id. Errors: malformed (a score that is not finite),
/// limit_exceeded (more than max_merges).
Result<std::vector<ScoredMerge>> merges_by_score(std::span<const std::string> tokens,
                                                 const TokenIndex& index,
                                                 std::span<const float> scores);

}  // namespace hippocrypt::model
