#pragma once
// How a product's hints are cut for the wire, and which products' hints a limited store keeps:
// hospital and forecast follow the same rules.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hippocrypt::protocol {

struct HintPiece {
  std::uint64_t first_word = 0;
  std::uint32_t words = 0;
};

/// `words` (a multiple of 16) from `first_word` on: whole groups of polynomials where that is one,
/// about 1.9 MiB of traffic a piece.
std::vector<HintPiece> cut_hints(std::uint64_t words, std::size_t ring_dim,
                                 std::uint64_t first_word = 0);

/// Asked about the products in the model's order, forward before backward: each is kept that fits
/// beside those before it.
class HintLimit {
 public:
  explicit HintLimit(std::uint64_t bytes) : left_{bytes} {}

  /// Whether hints of so many bytes on disk are kept.
  bool keeps(std::uint64_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

 private:
  std::uint64_t left_;
};

}  // namespace hippocrypt::protocol
