#include "protocol/core/hint_pieces.hpp"

#include <algorithm>

#include "crypto/core/lane_polys.hpp"
#include "protocol/core/limits.hpp"

namespace hippocrypt::protocol {
namespace {

constexpr std::size_t piece_words = std::size_t{1} << 19;
static_assert(piece_words <= max_hint_words);

}  // namespace

std::vector<HintPiece> cut_hints(std::uint64_t words, std::size_t ring_dim,
                                 std::uint64_t first_word) {
  const std::size_t group_words = crypto::lanes * ring_dim;
  const std::size_t step = std::max(piece_words / group_words, std::size_t{1}) * group_words;
  std::vector<HintPiece> pieces;
  for (std::uint64_t first = first_word; first < words;) {
    const std::uint64_t count = std::min<std::uint64_t>(step, words - first);
    pieces.push_back({first, static_cast<std::uint32_t>(count)});
    first += count;
  }
  return pieces;
}

}  // namespace hippocrypt::protocol
