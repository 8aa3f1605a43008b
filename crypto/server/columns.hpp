#pragma once
// Internal to crypto/server: the tokens of several requests as columns of one virtual matrix.

#include <span>
#include <vector>

#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {

/// Consecutive columns of one request within a tile.
struct ColumnRun {
  std::size_t input;         ///< which request
  std::size_t first_token;   ///< even: its values start at a whole byte in every format
  std::size_t count;         ///< tokens
  std::size_t first_column;  ///< within the tile, even
};

/// Requests one after the other, cut into tiles of `width` (even) columns. A request starts at an
/// even column, because two values of any format fill whole bytes; a column left over belongs to no
/// request.
class ColumnTiles {
 public:
  ColumnTiles(std::span<const ProductInput> inputs, std::size_t width);
  std::size_t count() const { return first_run_.size() - 1; }
  /// Not empty.
  std::span<const ColumnRun> runs(std::size_t tile) const {
    return std::span{runs_}.subspan(first_run_[tile], first_run_[tile + 1] - first_run_[tile]);
  }
  /// Columns up to the last one in use: `width`, or fewer in the last tile.
  std::size_t columns(std::size_t tile) const {
    return runs(tile).back().first_column + runs(tile).back().count;
  }

 private:
  std::vector<ColumnRun> runs_;         ///< of all tiles
  std::vector<std::size_t> first_run_;  ///< of each tile, and the end
};

}  // namespace hippocrypt::crypto
