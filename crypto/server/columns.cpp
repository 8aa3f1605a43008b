#include "crypto/server/columns.hpp"

#include <algorithm>

namespace hippocrypt::crypto {

ColumnTiles::ColumnTiles(std::span<const ProductInput> inputs, std::size_t width) {
  HIPPOCRYPT_CHECK(width != 0 && width % 2 == 0);
  std::size_t column = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    column += column % 2;
    for (std::size_t token = 0; token < inputs[i].tokens;) {
      const std::size_t within = column % width;
      if (column / width == first_run_.size()) first_run_.push_back(runs_.size());
      const std::size_t count = std::min(width - within, inputs[i].tokens - token);
      runs_.push_back({i, token, count, within});
      token += count;
      column += count;
    }
  }
  first_run_.push_back(runs_.size());
}

}  // namespace hippocrypt::crypto
