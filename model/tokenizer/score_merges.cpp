#include "model/tokenizer/score_merges.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.hpp"
#include "model/tokenizer/tokenizer_parts.hpp"

namespace hippocrypt::model {
namespace {

bool begins_character(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; }

}  // namespace

Result<std::vector<ScoredMerge>> merges_by_score(std::span<const std::string> tokens,
                                                 const TokenIndex& index,
                                                 std::span<const float> scores) {
  HIPPOCRYPT_CHECK(tokens.size() == scores.size());
  if (!std::all_of(scores.begin(), scores.end(), [](float s) { return std::isfinite(s); })) {
    return Error{Errc::malformed, "tokenizer: a score is not a finite number"};
  }
  std::vector<TokenId> by_score(tokens.size());
  std::iota(by_score.begin(), by_score.end(), TokenId{0});
  std::stable_sort(by_score.begin(), by_score.end(),
                   [&](TokenId a, TokenId b) { return scores[a] > scores[b]; });
  std::vector<ScoredMerge> merges;
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < by_score.size(); ++i) {
    const TokenId id = by_score[i];
    if (i > 0 && scores[id] != scores[by_score[i - 1]]) ++rank;
    const std::string_view token = tokens[id];
    if (token.empty() || index.find(tokens, token) != id) continue;
    for (std::size_t cut = 1; cut < token.size(); ++cut) {
      if (!begins_character(token[cut])) continue;
      const auto left = index.find(tokens, token.substr(0, cut));
      const auto right = left ? index.find(tokens, token.substr(cut)) : std::nullopt;
      if (!right) continue;
      if (merges.size() == max_merges) {
        return Error{Errc::limit_exceeded, "tokenizer: the tokens can be made in more than " +
                                               std::to_string(max_merges) + " ways"};
      }
      merges.push_back({{*left, *right}, rank, id});
    }
  }
  return merges;
}

}  // namespace hippocrypt::model
